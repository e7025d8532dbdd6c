/* test-number.c: arithmetic, comparison and logic, against Python
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "kernels/call-op.h"
#include "kernels/peer.h"

#include <float.h>
#include <math.h>

static const char *const binary_ops[] = { "add", "sub", "mul", "div", "floordiv",
                                          "mod", "pow", "eq",  "ne",  "lt",
                                          "le",  "gt",  "ge",  "and", "or" };
static const char *const unary_ops[] = { "neg", "abs", "not" };

static const char *const special_numbers[] = {
  "0",
  "1",
  "-1",
  "2",
  "-2",
  "3",
  "63",
  "9223372036854775807",
  "-9223372036854775808",
  "9007199254740993",
  "-9007199254740993",
  "4611686018427387905",
  "true",
  "false",
  "0.0",
  "-0.0",
  "0.5",
  "-0.5",
  "1.5",
  "1e300",
  "-1e300",
  "1e-300",
  "9223372036854775808.0",
  "-9223372036854775808.0",
  "9007199254740992.0",
  "3.0",
  "-7.25",
  "5e-324",
};

/* A number as JSON: special ones, small integers, all integers, floats of all sizes. */
static void
append_random_number (GString *out)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  int kind = g_test_rand_int_range (0, 4);
  uint64_t bits;
  double f;

  if (kind == 0)
    g_string_append (out,
                     special_numbers[g_test_rand_int_range (0, G_N_ELEMENTS (special_numbers))]);
  else if (kind == 1)
    g_string_append_printf (out, "%d", g_test_rand_int_range (-20, 20));
  else if (kind == 2)
    {
      bits = (uint64_t) (uint32_t) g_test_rand_int () << 32 | (uint32_t) g_test_rand_int ();
      g_string_append_printf (out, "%" G_GINT64_FORMAT,
                              (gint64) bits >> g_test_rand_int_range (0, 63));
    }
  else
    {
      f = g_test_rand_double_range (-1, 1) * pow (2, g_test_rand_int_range (-70, 70));
      g_ascii_dtostr (text, sizeof text, f);
      g_string_append_printf (out, "%s%s", text, strpbrk (text, ".e") == NULL ? ".0" : "");
    }
}

/* Python works out the same operations and says where we differ. */
static void
test_agrees_with_python (void)
{
  g_autoptr (Peer) peer = peer_new ("numbers");
  g_autoptr (GString) args = g_string_new (NULL);

  for (int i = 0; i < 3000; i++)
    {
      bool unary = g_test_rand_int_range (0, 10) == 0;
      const char *op = unary ? unary_ops[g_test_rand_int_range (0, G_N_ELEMENTS (unary_ops))]
                             : binary_ops[g_test_rand_int_range (0, G_N_ELEMENTS (binary_ops))];

      g_string_assign (args, "[");
      append_random_number (args);
      if (!unary)
        {
          g_string_append (args, ", ");
          append_random_number (args);
        }
      g_string_append (args, "]");
      peer_add (peer, op, args->str);
    }
  peer_check (peer);
}

static void
test_overflow_is_an_error (void)
{
  test_assert_op ("add", "[9223372036854775807, 1]",
                  "! 9223372036854775807 + 1 does not fit into a 64-bit integer; use a float "
                  "operand, as in 9223372036854775808.0");
  test_assert_op ("add", "[9223372036854775807, 1.0]", "9.223372036854776e+18");
  test_assert_op ("floordiv", "[-9223372036854775808, -1]",
                  "! -9223372036854775808 // -1 does not fit into a 64-bit integer; use a float "
                  "operand, as in -9223372036854775808.0");
  test_assert_op ("mod", "[-9223372036854775808, -1]", "0");
}

static void
test_division_by_zero_is_an_error (void)
{
  WeftStatus status;
  TestRun *run = test_eval ("\"t\": {\"op\": \"div\", \"args\": [1, 0]}", &status);

  g_assert_cmpint (status, ==, WEFT_FAILED);
  g_assert_cmpstr (run->kind, ==, "ZeroDivisionError");
  g_assert_cmpstr (run->message, ==, "division by zero");
  test_run_free (run);
  test_assert_op ("mod", "[1.5, 0]", "! modulo by zero");
  test_assert_op ("pow", "[0, -1]", "! 0 cannot be raised to a negative power");
  test_assert_op ("pow", "[-8, 0.5]", "! -8 raised to 0.5 is no real number");
}

static void
test_unordered_values_are_refused (void)
{
  test_assert_op (
      "lt", "[1, \"a\"]",
      "! int64 and string have no order; expected two numbers, strings, bytes or lists");
  test_assert_op ("lt", "[[1, 2], [1, 3.5]]", "true");
  test_assert_op ("lt", "[[1, [null]], [1, [null]]]", "false");
  test_assert_op ("ge", "[\"z\", \"ä\"]", "false");
}

static void
test_equality_goes_by_value (void)
{
  test_assert_op ("eq", "[[1, {\"a\": 2.0}], [true, {\"a\": 2}]]", "true");
  test_assert_op ("eq", "[{\"a\": 1, \"b\": 2}, {\"b\": 2, \"a\": 1}]", "true");
  test_assert_op ("eq", "[{\"a\": 1}, {\"b\": 1}]", "false");
  test_assert_op ("eq", "[9007199254740993, 9007199254740992.0]", "false");
  test_assert_op ("eq", "[\"1\", 1]", "false");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("kernels", "number", "agrees-with-python", test_agrees_with_python);
  test_add ("kernels", "number", "overflow-is-an-error", test_overflow_is_an_error);
  test_add ("kernels", "number", "division-by-zero-is-an-error", test_division_by_zero_is_an_error);
  test_add ("kernels", "number", "unordered-values-are-refused", test_unordered_values_are_refused);
  test_add ("kernels", "number", "equality-goes-by-value", test_equality_goes_by_value);
  return g_test_run ();
}
