/* test-note-text.c: tests of what a run does not have from its graph, in words
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "canvas/note-text.h"

#include <string.h>

static void
assert_short (const char *note, const char *expected)
{
  g_autofree char *text = weftline_note_short (note);

  g_assert_cmpstr (text, ==, expected);
}

/* The folders go, and nothing else, whatever the words are. */
static void
test_short (void)
{
  assert_short ("/a/b c/g.dag:4:1: DOT is not supported", "g.dag:4:1: DOT is not supported");
  assert_short ("/a:b/g.dag:4:1: takes /usr/bin", "g.dag:4:1: takes /usr/bin");
  assert_short ("g.dag:4:1: takes /usr/bin: 7", "g.dag:4:1: takes /usr/bin: 7");
  assert_short ("/usr/bin is not there", "/usr/bin is not there");
  assert_short ("/usr/bin: is not there", "/usr/bin: is not there");
  assert_short ("two\nlines", "two lines");
  assert_short ("", "");
  assert_short (":", ":");
}

static void
test_lines (void)
{
  char *kept[] = { (char *) "first", (char *) "not \xff UTF-8", NULL };
  WeftModelNotes notes = { .lines = kept, .n_replayed = 9, .stand_in_ns = 10000000 };
  g_auto (GStrv) none = weftline_note_lines (NULL);
  g_auto (GStrv) kept_only = weftline_note_lines (&notes);
  g_auto (GStrv) all = NULL;

  g_assert_null (none[0]);
  g_assert_cmpuint (g_strv_length (kept_only), ==, 2);
  g_assert_cmpstr (kept_only[0], ==, "first");
  g_assert_true (g_utf8_validate (kept_only[1], -1, NULL));
  notes.n_without_time = 7;
  all = weftline_note_lines (&notes);
  g_assert_cmpuint (g_strv_length (all), ==, 3);
  g_assert_nonnull (strstr (all[0], "none recorded for 7 of 9 tasks"));
  g_assert_nonnull (strstr (all[0], "10.0"));
  g_assert_cmpstr (all[1], ==, "first");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-canvas", "note-text", "short", test_short);
  test_add ("ui-canvas", "note-text", "lines", test_lines);
  return g_test_run ();
}
