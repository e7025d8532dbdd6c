/* test-intern.c: bytes as dense numbers
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "base/weft-intern-private.h"
#include "test-support.h"

#include <string.h>

static void
test_ids_are_dense_and_stable (void)
{
  g_autoptr (GHashTable) known =
      g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  WeftIntern intern;

  _weft_intern_init (&intern);
  for (int i = 0; i < 20000; i++)
    {
      guint8 bytes[12];
      gsize n = (gsize) g_test_rand_int_range (0, sizeof bytes);
      g_autoptr (GBytes) key = NULL;
      uint32_t expected = intern.n;

      for (gsize k = 0; k < n; k++)
        bytes[k] = (guint8) g_test_rand_int_range (0, 3);
      key = g_bytes_new (bytes, n);
      if (g_hash_table_contains (known, key))
        expected = GPOINTER_TO_UINT (g_hash_table_lookup (known, key));
      g_assert_cmpuint (_weft_intern_find (&intern, bytes, n), ==,
                        expected == intern.n ? WEFT_NONE : expected);
      g_assert_cmpuint (_weft_intern_add (&intern, bytes, n), ==, expected);
      g_hash_table_insert (known, g_steal_pointer (&key), GUINT_TO_POINTER (expected));
    }
  g_assert_cmpuint (intern.n, ==, g_hash_table_size (known));
  _weft_intern_clear (&intern);
}

static void
test_trim_keeps_what_is_in (void)
{
  WeftIntern intern;
  uint64_t before;
  size_t n;

  _weft_intern_init (&intern);
  for (int i = 0; i < 1000; i++)
    {
      g_autofree char *text = g_strdup_printf ("text %d", i);

      _weft_intern_add (&intern, text, strlen (text));
    }
  before = _weft_intern_memory_bytes (&intern);
  _weft_intern_trim (&intern);
  g_assert_cmpuint (_weft_intern_memory_bytes (&intern), <, before);
  g_assert_cmpstr (_weft_intern_get (&intern, 777, &n), ==, "text 777");
  g_assert_cmpuint (n, ==, 8);
  g_assert_cmpuint (_weft_intern_find (&intern, "text 5", 6), ==, WEFT_NONE); /* no table */
  _weft_intern_reindex (&intern);
  g_assert_cmpuint (_weft_intern_find (&intern, "text 5", 6), ==, 5);
  g_assert_cmpuint (_weft_intern_add (&intern, "new", 3), ==, 1000);
  _weft_intern_clear (&intern);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("base", "intern", "ids-are-dense-and-stable", test_ids_are_dense_and_stable);
  test_add ("base", "intern", "trim-keeps-what-is-in", test_trim_keeps_what_is_in);
  return g_test_run ();
}
