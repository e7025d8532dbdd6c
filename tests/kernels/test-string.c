/* test-string.c: operations on text, against Python
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "kernels/call-op.h"
#include "kernels/peer.h"

static const char *const pieces[] = {
  "a", "b", "ab", " ", "  ",  "\\t", "\\n", "\\u00a0", "\\u2003", "\\u001f", "\\u0000", "ä",
  "Ö", "ß", "€",  "😀", "xyz", ",",   "",    "\\u200b", "A",       "{",       "}",
};

static void
append_random_text (GString *out, int n_most)
{
  int n = g_test_rand_int_range (0, n_most + 1);

  g_string_append_c (out, '"');
  for (int i = 0; i < n; i++)
    g_string_append (out, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);
  g_string_append_c (out, '"');
}

static void
append_random_args (GString *args, const char *op)
{
  if (strcmp (op, "str.join") == 0)
    {
      append_random_text (args, 1);
      g_string_append (args, ", [");
      for (int i = g_test_rand_int_range (0, 4); i > 0; i--)
        {
          append_random_text (args, 2);
          g_string_append (args, i > 1 ? ", " : "");
        }
      g_string_append_c (args, ']');
      return;
    }
  append_random_text (args, 8);
  if (strcmp (op, "getitem") == 0)
    g_string_append_printf (args, ", %d", g_test_rand_int_range (-6, 6));
  else if (strcmp (op, "str.split") == 0 && g_test_rand_bit ())
    {
      g_string_append (args, ", ");
      if (g_test_rand_bit ())
        append_random_text (args, 1);
      else
        g_string_append (args, "null");
      g_string_append_printf (args, ", %d", g_test_rand_int_range (-1, 4));
    }
  else if (strcmp (op, "str.strip") == 0 && g_test_rand_bit ())
    {
      g_string_append (args, ", ");
      append_random_text (args, 3);
    }
  else if (strcmp (op, "str.replace") == 0)
    {
      g_string_append (args, ", ");
      append_random_text (args, 1);
      g_string_append (args, ", ");
      append_random_text (args, 1);
      g_string_append_printf (args, ", %d", g_test_rand_int_range (-1, 3));
    }
  else if (strcmp (op, "str.contains") == 0 || g_str_has_suffix (op, "_with"))
    {
      g_string_append (args, ", ");
      append_random_text (args, 1);
    }
}

static void
test_agrees_with_python (void)
{
  static const char *const ops[] = { "str.upper",    "str.lower",       "str.strip",
                                     "str.split",    "str.replace",     "str.join",
                                     "str.contains", "str.starts_with", "str.ends_with",
                                     "len",          "getitem" };
  g_autoptr (Peer) peer = peer_new ("strings");

  for (int i = 0; i < 3000; i++)
    {
      const char *op = ops[g_test_rand_int_range (0, G_N_ELEMENTS (ops))];
      g_autoptr (GString) args = g_string_new ("[");

      append_random_args (args, op);
      g_string_append_c (args, ']');
      peer_add (peer, op, args->str);
    }
  peer_check (peer);
}

static void
test_lines_end_as_in_text_files (void)
{
  test_assert_op ("str.lines", "[\"a\\nb\\r\\n\\rc\\n\"]", "[\"a\", \"b\", \"\", \"c\"]");
  test_assert_op ("str.lines", "[\"\"]", "[]");
}

static void
test_templates_are_filled (void)
{
  test_assert_op ("str.format", "[\"{} of {}: {{{0}}}\", 1, [\"x\", null]]",
                  "\"1 of [\\\"x\\\", none]: {1}\"");
  test_assert_op ("str.format", "[\"{2}\", 1]", "! the template asks for value 2, but there are 1");
  test_assert_op ("str.format", "[\"{x}\", 1]", "! found {x}, expected {} or a number as in {0}");
  test_assert_op ("str.format", "[\"{\", 1]",
                  "! found a single { in the template, expected {{ or {}");
  test_assert_op ("str.format", "[\"}\", 1]", "! found a single } in the template, expected }}");
}

static void
test_text_says_numbers (void)
{
  test_assert_op ("str.to_int", "[\" -12\\n\"]", "-12");
  test_assert_op ("str.to_int", "[\"9223372036854775808\"]",
                  "! found \"9223372036854775808\", expected an integer of at most 64 bits");
  test_assert_op ("str.to_int", "[\"1.5\"]", "! found \"1.5\", expected an integer");
  test_assert_op ("str.to_int", "[\"\"]", "! found \"\", expected an integer");
  test_assert_op ("str.to_float", "[\"1e3\"]", "1000.0");
  test_assert_op ("str.to_float", "[\"0x10\"]", "! found \"0x10\", expected a number");
  test_assert_op ("str.of", "[1.5]", "\"1.5\"");
  test_assert_op ("str.of", "[\"as it is\"]", "\"as it is\"");
}

static void
test_empty_separator_is_refused (void)
{
  test_assert_op ("str.split", "[\"abc\", \"\"]",
                  "! found an empty separator; leave it out to split at white space");
  test_assert_op ("str.join", "[\",\", [\"a\", 1]]", "! item 1 is int64, expected string");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("kernels", "string", "agrees-with-python", test_agrees_with_python);
  test_add ("kernels", "string", "lines-end-as-in-text-files", test_lines_end_as_in_text_files);
  test_add ("kernels", "string", "templates-are-filled", test_templates_are_filled);
  test_add ("kernels", "string", "text-says-numbers", test_text_says_numbers);
  test_add ("kernels", "string", "empty-separator-is-refused", test_empty_separator_is_refused);
  return g_test_run ();
}
