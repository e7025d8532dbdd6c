/* ops-number.c: arithmetic, comparison and logic of numbers
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The rules are Python's: true counts as 1, an int64 with a float64 gives a float64, `div` is true
 * division, `floordiv` and `mod` round towards minus infinity, so that a == b * floordiv + mod and
 * mod has the sign of b. Where Python's integers would grow beyond 64 bits the task fails and says
 * so; nothing wraps around or silently becomes a float.
 */
#include "config.h"

#include "kernels/weft-ops-private.h"

#include <inttypes.h>
#include <math.h>

static bool
both_integers (const WeftValue *a, const WeftValue *b)
{
  return _weft_is_integer (a) && _weft_is_integer (b);
}

static WeftStatus
fail_overflow (WeftTask *task, const WeftValue *a, const char *sign, const WeftValue *b)
{
  g_autofree char *message =
      g_strdup_printf ("%" PRId64 " %s %" PRId64
                       " does not fit into a 64-bit integer; use a float operand, as in %.1f",
                       _weft_integer (a), sign, _weft_integer (b), _weft_float (a));

  return weft_task_fail_with (task, "OverflowError", message, NULL, NULL);
}

static WeftStatus
fail_zero (WeftTask *task, const char *what)
{
  return weft_task_fail_with (task, "ZeroDivisionError", what, NULL, NULL);
}

/* ---- add, sub, mul --------------------------------------------------------------------------- */

WeftStatus
_weft_add (WeftTask *task, const WeftValue *a, const WeftValue *b, WeftValue *result)
{
  int64_t sum;

  if (WEFT_UNLIKELY (!both_integers (a, b)))
    weft_value_set_float64 (result, _weft_float (a) + _weft_float (b));
  else if (WEFT_UNLIKELY (__builtin_add_overflow (_weft_integer (a), _weft_integer (b), &sum)))
    return fail_overflow (task, a, "+", b);
  else
    weft_value_set_int64 (result, sum);
  return WEFT_OK;
}

static WeftStatus
op_add (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  return _weft_add (task, &args[0], &args[1], results);
}

static WeftStatus
op_sub (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  int64_t difference;

  if (!both_integers (&args[0], &args[1]))
    weft_value_set_float64 (results, _weft_float (&args[0]) - _weft_float (&args[1]));
  else if (__builtin_sub_overflow (_weft_integer (&args[0]), _weft_integer (&args[1]), &difference))
    return fail_overflow (task, &args[0], "-", &args[1]);
  else
    weft_value_set_int64 (results, difference);
  return WEFT_OK;
}

static WeftStatus
op_mul (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  int64_t product;

  if (!both_integers (&args[0], &args[1]))
    weft_value_set_float64 (results, _weft_float (&args[0]) * _weft_float (&args[1]));
  else if (__builtin_mul_overflow (_weft_integer (&args[0]), _weft_integer (&args[1]), &product))
    return fail_overflow (task, &args[0], "*", &args[1]);
  else
    weft_value_set_int64 (results, product);
  return WEFT_OK;
}

/* ---- division -------------------------------------------------------------------------------- */

static uint64_t
magnitude (int64_t i)
{
  return i < 0 ? 0 - (uint64_t) i : (uint64_t) i;
}

static int
n_bits (uint64_t n)
{
  return n == 0 ? 0 : 64 - __builtin_clzll (n);
}

/* The float nearest to the quotient of two integers, also where they are no floats themselves: a
 * quotient of at least 56 bits, its last one set if anything is left over, rounds as the exact one.
 * */
static double
divide_integers (int64_t a, int64_t b)
{
  uint64_t n = magnitude (a), d = magnitude (b);
  int shift = MAX (0, 56 + n_bits (d) - n_bits (n));
  unsigned __int128 wide = (unsigned __int128) n << shift;
  uint64_t quotient = (uint64_t) (wide / d) | (wide % d != 0);
  double value = ldexp ((double) quotient, -shift);

  return (a < 0) != (b < 0) ? -value : value;
}

WeftStatus
_weft_divide (WeftTask *task, const WeftValue *a, const WeftValue *b, WeftValue *result)
{
  if (_weft_float (b) == 0)
    return fail_zero (task, "division by zero");
  if (both_integers (a, b))
    weft_value_set_float64 (result, divide_integers (_weft_integer (a), _weft_integer (b)));
  else
    weft_value_set_float64 (result, _weft_float (a) / _weft_float (b));
  return WEFT_OK;
}

static WeftStatus
op_div (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  return _weft_divide (task, &args[0], &args[1], results);
}

/* Quotient and remainder of floats, the remainder with the sign of b. The quotient is made from the
 * remainder, which is exact, so that the two belong together. */
static void
floor_divide (double a, double b, double *quotient, double *remainder)
{
  double rest = fmod (a, b);
  double whole = (a - rest) / b;

  if (rest != 0 && (b < 0) != (rest < 0))
    {
      rest += b;
      whole -= 1;
    }
  else if (rest == 0)
    rest = copysign (0, b);
  *remainder = rest;
  if (whole == 0)
    *quotient = copysign (0, a / b);
  else
    *quotient = floor (whole) + (whole - floor (whole) > 0.5 ? 1 : 0);
}

static WeftStatus
op_floordiv (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  double quotient, remainder;
  int64_t a, b;

  if (_weft_float (&args[1]) == 0)
    return fail_zero (task, "floor division by zero");
  if (!both_integers (&args[0], &args[1]))
    {
      floor_divide (_weft_float (&args[0]), _weft_float (&args[1]), &quotient, &remainder);
      weft_value_set_float64 (results, quotient);
      return WEFT_OK;
    }
  a = _weft_integer (&args[0]);
  b = _weft_integer (&args[1]);
  if (a == INT64_MIN && b == -1)
    return fail_overflow (task, &args[0], "//", &args[1]);
  weft_value_set_int64 (results, a / b - (a % b != 0 && (a < 0) != (b < 0)));
  return WEFT_OK;
}

static WeftStatus
op_mod (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  double quotient, remainder;
  int64_t a, b, rest;

  if (_weft_float (&args[1]) == 0)
    return fail_zero (task, "modulo by zero");
  if (!both_integers (&args[0], &args[1]))
    {
      floor_divide (_weft_float (&args[0]), _weft_float (&args[1]), &quotient, &remainder);
      weft_value_set_float64 (results, remainder);
      return WEFT_OK;
    }
  a = _weft_integer (&args[0]);
  b = _weft_integer (&args[1]);
  rest = b == -1 ? 0 : a % b;
  weft_value_set_int64 (results, rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
  return WEFT_OK;
}

/* ---- pow, neg, abs --------------------------------------------------------------------------- */

/* By squaring. Returns: whether it fits */
static bool
power_integers (int64_t base, int64_t exponent, int64_t *power)
{
  int64_t result = 1;

  while (exponent > 0)
    {
      if ((exponent & 1) != 0 && __builtin_mul_overflow (result, base, &result))
        return false;
      exponent >>= 1;
      if (exponent > 0 && __builtin_mul_overflow (base, base, &base))
        return false;
    }
  *power = result;
  return true;
}

static WeftStatus
power_floats (WeftTask *task, double base, double exponent, WeftValue *result)
{
  double power = pow (base, exponent);

  if (base == 0 && exponent < 0)
    return fail_zero (task, "0 cannot be raised to a negative power");
  if (base < 0 && isfinite (base) && isfinite (exponent) && exponent != floor (exponent))
    return weft_task_fail (task, "%g raised to %g is no real number", base, exponent);
  if (isinf (power) && isfinite (base) && isfinite (exponent))
    {
      g_autofree char *message =
          g_strdup_printf ("%g raised to %g is too large for a float64", base, exponent);

      return weft_task_fail_with (task, "OverflowError", message, NULL, NULL);
    }
  weft_value_set_float64 (result, power);
  return WEFT_OK;
}

static WeftStatus
op_pow (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  int64_t power;

  if (!both_integers (&args[0], &args[1]) || _weft_integer (&args[1]) < 0)
    return power_floats (task, _weft_float (&args[0]), _weft_float (&args[1]), results);
  if (!power_integers (_weft_integer (&args[0]), _weft_integer (&args[1]), &power))
    return fail_overflow (task, &args[0], "**", &args[1]);
  weft_value_set_int64 (results, power);
  return WEFT_OK;
}

static WeftStatus
negate (WeftTask *task, const WeftValue *value, WeftValue *result)
{
  static const WeftValue zero = WEFT_INT (0);

  if (!_weft_is_integer (value))
    weft_value_set_float64 (result, -value->u.f);
  else if (_weft_integer (value) == INT64_MIN)
    return fail_overflow (task, &zero, "-", value);
  else
    weft_value_set_int64 (result, -_weft_integer (value));
  return WEFT_OK;
}

static WeftStatus
op_neg (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  return negate (task, &args[0], results);
}

static WeftStatus
op_abs (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  if (!_weft_is_integer (&args[0]))
    weft_value_set_float64 (results, fabs (args[0].u.f));
  else if (_weft_integer (&args[0]) < 0)
    return negate (task, &args[0], results);
  else
    weft_value_set_int64 (results, _weft_integer (&args[0]));
  return WEFT_OK;
}

/* ---- comparison and logic -------------------------------------------------------------------- */

static WeftStatus
op_eq (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  weft_value_set_bool (results, _weft_equal (&args[0], &args[1]));
  return WEFT_OK;
}

static WeftStatus
op_ne (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  weft_value_set_bool (results, !_weft_equal (&args[0], &args[1]));
  return WEFT_OK;
}

#define ORDER_OP(name, condition)                                                      \
  static WeftStatus op_##name (WeftTask *task, const WeftValue *args, uint32_t n_args, \
                               WeftValue *results)                                     \
  {                                                                                    \
    int order = 0;                                                                     \
    bool unordered;                                                                    \
    WeftStatus status = _weft_compare (task, &args[0], &args[1], &order, &unordered);  \
                                                                                       \
    if (status == WEFT_OK)                                                             \
      weft_value_set_bool (results, !unordered && (condition));                        \
    return status;                                                                     \
  }

ORDER_OP (lt, order < 0)
ORDER_OP (le, order <= 0)
ORDER_OP (gt, order > 0)
ORDER_OP (ge, order >= 0)

static WeftStatus
op_and (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  return _weft_give (results, _weft_is_true (&args[0]) ? &args[1] : &args[0]);
}

static WeftStatus
op_or (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  return _weft_give (results, _weft_is_true (&args[0]) ? &args[0] : &args[1]);
}

static WeftStatus
op_not (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  weft_value_set_bool (results, !_weft_is_true (&args[0]));
  return WEFT_OK;
}

/* ---- table ----------------------------------------------------------------------------------- */

static const WeftOpParam two_numbers[] = {
  WEFT_PARAM ("a", WEFT_ACCEPT_NUMBER, "left operand"),
  WEFT_PARAM ("b", WEFT_ACCEPT_NUMBER, "right operand"),
};
static const WeftOpParam one_number[] = { WEFT_PARAM ("a", WEFT_ACCEPT_NUMBER, "operand") };
static const WeftOpParam two_values[] = {
  WEFT_PARAM ("a", WEFT_ACCEPT_ANY, "left operand"),
  WEFT_PARAM ("b", WEFT_ACCEPT_ANY, "right operand"),
};
static const WeftOpParam one_value[] = { WEFT_PARAM ("a", WEFT_ACCEPT_ANY, "operand") };

#define NUMBER_OP(op_name, table, text, func)                                        \
  {                                                                                  \
    .name = op_name, .version = 1, .doc = text, WEFT_PARAMS (table), .n_outputs = 1, \
    .flags = WEFT_CHEAP_OP, .cost_hint_ns = 5, .kernel = func                        \
  }

static const WeftOp ops[] = {
  NUMBER_OP ("add", two_numbers, "a + b\nIntegers that do not fit into 64 bits are an error.",
             op_add),
  NUMBER_OP ("sub", two_numbers, "a - b", op_sub),
  NUMBER_OP ("mul", two_numbers, "a * b", op_mul),
  NUMBER_OP ("div", two_numbers, "a / b, always a float64", op_div),
  NUMBER_OP ("floordiv", two_numbers, "a // b, rounded towards minus infinity", op_floordiv),
  NUMBER_OP ("mod", two_numbers, "a modulo b, with the sign of b", op_mod),
  NUMBER_OP ("pow", two_numbers, "a to the power of b\nA negative power gives a float64.", op_pow),
  NUMBER_OP ("neg", one_number, "-a", op_neg),
  NUMBER_OP ("abs", one_number, "a without its sign", op_abs),
  NUMBER_OP ("eq", two_values, "whether a equals b\nNumbers by value: 1 equals 1.0 and true.",
             op_eq),
  NUMBER_OP ("ne", two_values, "whether a differs from b", op_ne),
  NUMBER_OP ("lt", two_values, "a < b: numbers, strings, bytes or lists", op_lt),
  NUMBER_OP ("le", two_values, "a <= b", op_le),
  NUMBER_OP ("gt", two_values, "a > b", op_gt),
  NUMBER_OP ("ge", two_values, "a >= b", op_ge),
  NUMBER_OP ("and", two_values,
             "a if it counts as false, else b\nFalse are none, 0 and what is empty.", op_and),
  NUMBER_OP ("or", two_values, "a if it counts as true, else b", op_or),
  NUMBER_OP ("not", one_value, "whether a counts as false", op_not),
};

const WeftOpTable _weft_ops_number = { ops, G_N_ELEMENTS (ops) };
