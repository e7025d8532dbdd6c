/* weft-stats.c: an example plug-in: two operations of one's own
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Build it, look at what it brings, and use it:
 *
 *   cc -shared -fPIC weft-stats.c -o weft-stats.so $(pkg-config --cflags --libs weftline-1)
 *   weftline ops --plugin ./weft-stats.so stats.variance
 *   weftline run --plugin ./weft-stats.so variance.json
 *
 * A plug-in tells the registry what its operations are called, what they take, and which function
 * does the work. Everything else (threads, memory, retries, records) is the engine's business.
 */
#include <weft.h>

#include <inttypes.h>
#include <math.h>

/* Refuses to be loaded where the kernel ABI is another one. */
WEFT_PLUGIN_ABI;

static bool
get_number (const WeftValue *value, double *number)
{
  switch (weft_value_type (value))
    {
    case WEFT_TYPE_INT64:
      *number = (double) value->u.i;
      return true;
    case WEFT_TYPE_FLOAT64:
      *number = value->u.f;
      return true;
    default:
      return false;
    }
}

/* Arguments are borrowed; the result is given. Types were checked against the signature, but what
 * is in a list is for the kernel to check. */
static WeftStatus
variance (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const WeftList *values = (const WeftList *) args[0].u.box;
  double mean = 0, sum = 0; /* running mean, and sum of squared distances from it (Welford 1962) */

  for (uint64_t i = 0; i < values->n_items; i++)
    {
      double x, before;

      if (!get_number (&values->items[i], &x))
        return weft_task_fail (task, "item %" PRIu64 " is %s, expected a number", i,
                               weft_type_name (weft_value_type (&values->items[i])));
      before = x - mean;
      mean += before / (double) (i + 1);
      sum += before * (x - mean);
    }
  if (values->n_items == 0)
    return weft_task_fail (task, "an empty list has no variance");
  weft_value_set_float64 (results, sum / (double) values->n_items);
  return WEFT_OK;
}

/* Long work looks at the cancel flag now and then. Random numbers come from the task's own stream,
 * so the result depends on --seed and the task's key, and on nothing else. */
static WeftStatus
estimate_pi (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  int64_t n_inside = 0, n = args[0].u.i;

  if (n <= 0)
    return weft_task_fail (task, "found n=%" PRId64 ", expected at least 1", n);
  for (int64_t i = 0; i < n; i++)
    {
      double x = ldexp ((double) (weft_task_random (task) >> 11), -53);
      double y = ldexp ((double) (weft_task_random (task) >> 11), -53);

      n_inside += x * x + y * y < 1;
      if ((i & 0xfff) == 0 && weft_task_is_cancelled (task))
        return WEFT_CANCELLED;
    }
  weft_value_set_float64 (results, 4 * (double) n_inside / (double) n);
  return WEFT_OK;
}

static const WeftOpParam variance_params[] = {
  { .name = "values",
    .accepts = WEFT_ACCEPT (WEFT_TYPE_LIST),
    .required = true,
    .doc = "list of numbers" },
};

static const WeftOpParam pi_params[] = {
  { .name = "n",
    .accepts = WEFT_ACCEPT (WEFT_TYPE_INT64),
    .fallback = { WEFT_TYPE_INT64, 0, { .i = 100000 } },
    .doc = "number of throws" },
};

static const WeftOp ops[] = {
  { .name = "stats.variance",
    .version = 1,
    .doc = "the variance of a list of numbers",
    .params = variance_params,
    .n_params = G_N_ELEMENTS (variance_params),
    .n_outputs = 1,
    .flags = WEFT_OP_PURE,
    .cost_hint_ns = 1000,
    .kernel = variance },
  { .name = "stats.pi",
    .version = 1,
    .doc = "an estimate of pi from random throws",
    .params = pi_params,
    .n_params = G_N_ELEMENTS (pi_params),
    .n_outputs = 1,
    .cost_hint_ns = 1000000,
    .kernel = estimate_pi },
};

__attribute__ ((visibility ("default"))) bool
weft_plugin_register (WeftOpRegistry *registry, uint32_t abi_version, GError **error)
{
  return weft_op_registry_add (registry, ops, G_N_ELEMENTS (ops), error);
}
