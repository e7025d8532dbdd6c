/* test-version.c: the library says which version it is
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "base/weft-version.h"
#include "test-support.h"

/* Library and headers are of one build here; what the macro compares is what the text says. */
static void
test_version (void)
{
  g_autofree char *numbers =
      g_strdup_printf ("%d.%d.%d", WEFT_MAJOR_VERSION, WEFT_MINOR_VERSION, WEFT_MICRO_VERSION);

  g_assert_cmpstr (weft_version (), ==, numbers);
  g_assert_true (WEFT_CHECK_VERSION (WEFT_MAJOR_VERSION, WEFT_MINOR_VERSION, WEFT_MICRO_VERSION));
  g_assert_false (
      WEFT_CHECK_VERSION (WEFT_MAJOR_VERSION, WEFT_MINOR_VERSION, WEFT_MICRO_VERSION + 1));
  g_assert_false (WEFT_CHECK_VERSION (WEFT_MAJOR_VERSION + 1, 0, 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("base", "version", "is-that-of-the-headers", test_version);
  return g_test_run ();
}
