/* test-value-ops.c: lists, reductions, items, records
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "kernels/call-op.h"
#include "kernels/peer.h"

static const char *const items[] = { "1",     "-3",    "2.5",  "true",  "0",       "1e10",
                                     "\"a\"", "\"b\"", "[1]",  "[]",    "[1, 2]",  "null",
                                     "\"\"",  "7",     "-0.5", "\"ä\"", "[\"x\"]", "false" };

/* Mostly of one kind, so that most calls succeed. */
static void
append_random_list (GString *out)
{
  static const char *const kinds[][4] = { { "1", "-3", "40", "true" },
                                          { "2.5", "-0.5", "3", "1e10" },
                                          { "\"a\"", "\"b\"", "\"\"", "\"ä\"" },
                                          { "[1]", "[]", "[1, 2]", "[\"x\"]" } };
  int n = g_test_rand_int_range (0, 6);
  int kind = g_test_rand_int_range (0, 5);

  g_string_append_c (out, '[');
  for (int i = 0; i < n; i++)
    g_string_append_printf (out, "%s%s", i > 0 ? ", " : "",
                            kind < 4 ? kinds[kind][g_test_rand_int_range (0, 4)]
                                     : items[g_test_rand_int_range (0, G_N_ELEMENTS (items))]);
  g_string_append_c (out, ']');
}

static void
test_agrees_with_python (void)
{
  static const char *const ops[] = { "sum", "mean",   "count", "min",
                                     "max", "concat", "len",   "getitem" };
  g_autoptr (Peer) peer = peer_new ("lists");

  for (int i = 0; i < 2000; i++)
    {
      const char *op = ops[g_test_rand_int_range (0, G_N_ELEMENTS (ops))];
      g_autoptr (GString) args = g_string_new ("[");

      append_random_list (args);
      if (strcmp (op, "getitem") == 0)
        g_string_append_printf (args, ", %d", g_test_rand_int_range (-6, 6));
      else if (strcmp (op, "count") == 0 && g_test_rand_bit ())
        g_string_append_printf (args, ", %s",
                                items[g_test_rand_int_range (0, G_N_ELEMENTS (items))]);
      g_string_append_c (args, ']');
      peer_add (peer, op, args->str);
    }
  peer_check (peer);
}

static void
test_sum_takes_one_list_of_results (void)
{
  test_assert_tasks ("\"inc-1\": {\"op\": \"add\", \"args\": [1, 1]},"
                     "\"inc-2\": {\"op\": \"add\", \"args\": [2, 1], \"retries\": 2},"
                     "\"total\": {\"op\": \"sum\", \"args\": [[{\"ref\": \"inc-1\"}, {\"ref\": "
                     "\"inc-2\"}]], \"after\": []}",
                     "5");
  test_assert_op ("sum", "[[1, 2], 0.5]", "3.5");
  test_assert_op ("sum", "[[9223372036854775807, 1]]",
                  "! 9223372036854775807 + 1 does not fit into a 64-bit integer; use a float "
                  "operand, as in 9223372036854775808.0");
  test_assert_op ("sum", "[[1, \"2\"]]", "! item 1 is string, expected a number");
}

static void
test_least_and_greatest_of_values (void)
{
  test_assert_op ("min", "[3, 1.5, 2]", "1.5");
  test_assert_op ("max", "[\"b\", \"a\"]", "\"b\"");
  test_assert_op ("max", "[[]]", "! an empty list has no least or greatest item");
  test_assert_op ("min", "[[1, null]]",
                  "! none and int64 have no order; expected two numbers, strings, bytes or lists");
}

static void
test_concat_joins_what_is_alike (void)
{
  test_assert_op ("concat", "[\"a\", \"\", \"b\"]", "\"ab\"");
  test_assert_op ("concat", "[[1], [2, [3]]]", "[1, 2, [3]]");
  test_assert_op ("concat", "[[\"a\", 1]]", "! item 1 is int64, expected string");
  test_assert_op ("concat", "[]", "[]");
}

static void
test_items_by_index_and_name (void)
{
  test_assert_op ("getitem", "[{\"a\": 1, \"b\": [2]}, \"b\"]", "[2]");
  test_assert_op ("getitem", "[{\"a\": 1}, \"c\"]", "! found no field “c” in a record of 1 fields");
  test_assert_op ("getitem", "[\"häß\", -1]", "\"ß\"");
  test_assert_op ("getitem", "[[1], 1]", "! index 1 is out of range: the list has 1 items");
  test_assert_op ("getitem", "[{\"a\": 1}, 0]",
                  "! a record's items have names; found int64 as index, expected string");
  test_assert_op ("len", "[{\"a\": 1, \"b\": 2}]", "2");
}

static void
test_lists_and_records_are_made (void)
{
  test_assert_op ("list", "[]", "[]");
  test_assert_op ("list", "[1, \"a\", [null]]", "[1, \"a\", [null]]");
  test_assert_op ("record", "[[\"a\", \"b\"], 1, [2]]", "{\"a\": 1, \"b\": [2]}");
  test_assert_op ("record", "[[\"a\"], 1, 2]", "! found 1 names and 2 values, expected as many");
  test_assert_op ("record", "[[1], 1]", "! field name 0 is no string without zero bytes");
}

static void
test_words_are_counted_and_merged (void)
{
  test_assert_tasks (
      "\"a\": {\"op\": \"str.count_words\", \"args\": [\"The cat, the hat; it's Über-cat\"]},"
      "\"b\": {\"op\": \"str.count_words\", \"args\": [\"CAT\\u0000dog\"]},"
      "\"m\": {\"op\": \"record.merge_add\", \"args\": [[{\"ref\": \"a\"}, {\"ref\": \"b\"}]]}",
      "{\"cat\": 3, \"dog\": 1, \"hat\": 1, \"it's\": 1, \"the\": 2, \"über\": 1}");
  test_assert_op ("record.merge_add", "[{\"a\": 1}, {\"b\": 0.5, \"a\": 2}]",
                  "{\"a\": 3, \"b\": 0.5}");
  test_assert_op ("record.merge_add", "[]", "{}");
  test_assert_op ("record.merge_add", "[{\"a\": \"x\"}]",
                  "! field “a” is string, expected a number");
  test_assert_op ("record.top", "[{\"a\": 1, \"b\": 3, \"c\": 3}, 2]", "[[\"b\", 3], [\"c\", 3]]");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("kernels", "value-ops", "agrees-with-python", test_agrees_with_python);
  test_add ("kernels", "value-ops", "sum-takes-one-list-of-results",
            test_sum_takes_one_list_of_results);
  test_add ("kernels", "value-ops", "least-and-greatest-of-values",
            test_least_and_greatest_of_values);
  test_add ("kernels", "value-ops", "concat-joins-what-is-alike", test_concat_joins_what_is_alike);
  test_add ("kernels", "value-ops", "items-by-index-and-name", test_items_by_index_and_name);
  test_add ("kernels", "value-ops", "lists-and-records-are-made", test_lists_and_records_are_made);
  test_add ("kernels", "value-ops", "words-are-counted-and-merged",
            test_words_are_counted_and_merged);
  return g_test_run ();
}
