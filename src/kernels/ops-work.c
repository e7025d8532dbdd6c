/* ops-work.c: operations that stand in for work: sleep, busy, slow.*, alloc, touch, fail, replay
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * For lessons, tests and measurements, and for workflows of which only the runtimes and sizes were
 * recorded: those have calls without an operation, which are bound to `replay` without arguments,
 * so that it takes what the graph's hints say.
 */
#include "config.h"

#include "kernels/weft-ops-private.h"
#include "kernels/weft-wait-private.h"

#include <inttypes.h>

#define PIECE_BYTES ((size_t) 1 << 20)
#define PAGE_BYTES 4096
#define DEFAULT_RUNTIME_NS INT64_C (10000000) /* of tasks whose time nobody recorded */

static WeftStatus
get_ns (WeftTask *task, const WeftValue *seconds, int64_t *ns)
{
  if (_weft_seconds_to_ns (_weft_float (seconds), ns))
    return WEFT_OK;
  return weft_task_fail (task, "found %g seconds, expected 0 or more", _weft_float (seconds));
}

/* ---- sleep, busy ----------------------------------------------------------------------------- */

static WeftStatus
op_sleep (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  int64_t ns;
  WeftStatus status = get_ns (task, &args[0], &ns);

  if (status == WEFT_OK)
    status = _weft_wait (task, ns);
  return status == WEFT_OK ? _weft_give (results, &args[1]) : status;
}

static WeftStatus
op_busy (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  int64_t ns;
  WeftStatus status = get_ns (task, &args[0], &ns);

  if (status == WEFT_OK)
    status = _weft_burn (task, ns);
  return status == WEFT_OK ? _weft_give (results, &args[1]) : status;
}

/* ---- slow.inc, slow.add ------------------------------------------------------------------- */

/* a + b, after so many seconds. */
static WeftStatus
add_slowly (WeftTask *task, const WeftValue *a, const WeftValue *b, const WeftValue *seconds,
            WeftValue *results)
{
  int64_t ns;
  WeftStatus status = get_ns (task, seconds, &ns);

  if (status == WEFT_OK)
    status = _weft_wait (task, ns);
  return status == WEFT_OK ? _weft_add (task, a, b, results) : status;
}

static WeftStatus
op_slow_inc (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const WeftValue one = WEFT_INT (1);

  return add_slowly (task, &args[0], &one, &args[1], results);
}

static WeftStatus
op_slow_add (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  return add_slowly (task, &args[0], &args[1], &args[2], results);
}

/* ---- alloc, touch ---------------------------------------------------------------------------- */

static WeftStatus
fill (WeftTask *task, uint8_t *bytes, size_t n_bytes, int byte)
{
  WeftStatus status = WEFT_OK;

  for (size_t at = 0; at < n_bytes && status == WEFT_OK; at += PIECE_BYTES)
    {
      memset (bytes + at, byte, MIN (n_bytes - at, PIECE_BYTES));
      status = _weft_given_up (task);
    }
  return status;
}

static WeftStatus
make_bytes (WeftTask *task, size_t n_bytes, int byte, WeftValue *result)
{
  WeftValue own;
  WeftStatus status = weft_value_init_bytes (&own, weft_task_account (task), NULL, n_bytes);

  if (status == WEFT_NO_MEMORY)
    return weft_task_fail (task, "there is no memory for %zu bytes", n_bytes);
  if (status == WEFT_OK)
    status = fill (task, (uint8_t *) _weft_bytes (&own)->bytes, n_bytes, byte);
  else
    return status;
  if (status == WEFT_OK)
    *result = own;
  else
    weft_value_unref (&own);
  return status;
}

static WeftStatus
op_alloc (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  int64_t n_bytes = _weft_integer (&args[0]);
  int64_t byte = _weft_integer (&args[1]);

  if (n_bytes < 0)
    return weft_task_fail (task, "found %" PRId64 " bytes, expected 0 or more", n_bytes);
  if (byte < 0 || byte > 255)
    return weft_task_fail (task, "found fill=%" PRId64 ", expected 0 to 255", byte);
  return make_bytes (task, (size_t) n_bytes, (int) byte, results);
}

/* Changes a byte of every page: in place where nobody else needs the value any more. */
static WeftStatus
op_touch (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const WeftBytes *from = _weft_bytes (&args[0]);
  WeftValue own;
  uint8_t *bytes;

  if (!weft_task_steal (task, &args[0], &own)
      && weft_value_init_bytes (&own, weft_task_account (task), from->bytes, from->n_bytes)
             != WEFT_OK)
    return WEFT_NO_MEMORY;
  bytes = (uint8_t *) _weft_bytes (&own)->bytes;
  for (size_t i = 0; i < _weft_bytes (&own)->n_bytes; i += PAGE_BYTES)
    bytes[i]++;
  *results = own;
  return WEFT_OK;
}

/* ---- fail ------------------------------------------------------------------------------------ */

static WeftStatus
op_fail (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const char *message =
      _weft_is_none (&args[2]) ? "failed as asked" : _weft_string (&args[2])->chars;

  if (!_weft_is_none (&args[0]) && weft_task_attempt (task) > _weft_integer (&args[0]))
    return _weft_give (results, &args[1]);
  return weft_task_fail (task, "%s", message);
}

/* ---- replay ---------------------------------------------------------------------------------- */

static WeftStatus
replay_time (WeftTask *task, const WeftValue *runtime, int64_t *ns)
{
  uint64_t unused;

  if (!_weft_is_none (runtime))
    return get_ns (task, runtime, ns);
  task->ops->hint (task, 0, ns, &unused);
  if (*ns < 0)
    *ns = DEFAULT_RUNTIME_NS;
  return WEFT_OK;
}

/* Of one output; *n is UINT64_MAX when nothing is known of it. */
static WeftStatus
replay_bytes (WeftTask *task, uint32_t output, const WeftValue *bytes, uint64_t *n)
{
  const WeftValue *size = bytes;
  int64_t unused;

  if (weft_value_type (bytes) == WEFT_TYPE_LIST)
    {
      const WeftList *list = _weft_list (bytes);

      if (list->n_items != weft_task_n_outputs (task))
        return weft_task_fail (task, "found %" PRIu64 " sizes for %u outputs", list->n_items,
                               weft_task_n_outputs (task));
      size = &list->items[output];
    }
  if (_weft_is_none (size))
    task->ops->hint (task, output, &unused, n);
  else if (!_weft_is_integer (size) || _weft_integer (size) < 0)
    return weft_task_fail (task, "found a size that is no integer from 0 on");
  else
    *n = (uint64_t) _weft_integer (size);
  return WEFT_OK;
}

static WeftStatus
replay_outputs (WeftTask *task, const WeftValue *bytes, WeftValue *results)
{
  WeftStatus status = WEFT_OK;

  for (uint32_t k = 0; k < weft_task_n_outputs (task) && status == WEFT_OK; k++)
    {
      uint64_t n = 0;

      status = replay_bytes (task, k, bytes, &n);
      if (status == WEFT_OK && n == UINT64_MAX)
        weft_value_set_none (&results[k]);
      else if (status == WEFT_OK)
        status = make_bytes (task, n, 0, &results[k]);
    }
  return status;
}

static WeftStatus
replay_mode (WeftTask *task, const WeftValue *mode, bool *burn)
{
  const char *text = _weft_is_none (mode) ? "sleep" : _weft_string (mode)->chars;

  *burn = strcmp (text, "burn") == 0;
  if (*burn || strcmp (text, "sleep") == 0)
    return WEFT_OK;
  return weft_task_fail (task, "found mode “%s”, expected “burn” or “sleep”", text);
}

static WeftStatus
op_replay (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  int64_t ns = 0;
  bool burn = false;
  WeftStatus status = replay_mode (task, &args[2], &burn);

  if (status == WEFT_OK)
    status = replay_time (task, &args[0], &ns);
  if (status == WEFT_OK)
    status = burn ? _weft_burn (task, ns) : _weft_wait (task, ns);
  return status == WEFT_OK ? replay_outputs (task, &args[1], results) : status;
}

/* ---- table ----------------------------------------------------------------------------------- */

static const WeftOpParam wait_params[] = {
  WEFT_PARAM ("seconds", WEFT_ACCEPT_NUMBER, "how long"),
  WEFT_PARAM_OR ("value", WEFT_ACCEPT_ANY, WEFT_NO_VALUE, "the result"),
};
static const WeftOpParam slow_inc_params[] = {
  WEFT_PARAM ("x", WEFT_ACCEPT_NUMBER, "a number"),
  WEFT_PARAM_OR ("seconds", WEFT_ACCEPT_NUMBER, WEFT_INT (1), "how long it takes"),
};
static const WeftOpParam slow_add_params[] = {
  WEFT_PARAM ("x", WEFT_ACCEPT_NUMBER, "a number"),
  WEFT_PARAM ("y", WEFT_ACCEPT_NUMBER, "another one"),
  WEFT_PARAM_OR ("seconds", WEFT_ACCEPT_NUMBER, WEFT_INT (1), "how long it takes"),
};
static const WeftOpParam alloc_params[] = {
  WEFT_PARAM ("n", WEFT_ACCEPT_INTEGER, "number of bytes"),
  WEFT_PARAM_OR ("fill", WEFT_ACCEPT_INTEGER, WEFT_INT (0), "what each byte is, 0 to 255"),
  WEFT_PARAM_REST ("inputs", WEFT_ACCEPT_ANY, "results to wait for, unused"),
};
static const WeftOpParam touch_params[] = {
  WEFT_PARAM ("data", WEFT_ACCEPT (WEFT_TYPE_BYTES), "bytes"),
};
static const WeftOpParam fail_params[] = {
  WEFT_PARAM_OR ("times", WEFT_ACCEPT_INTEGER, WEFT_NO_VALUE,
                 "attempts that fail before one succeeds; none: all do"),
  WEFT_PARAM_OR ("value", WEFT_ACCEPT_ANY, WEFT_NO_VALUE, "the result of success"),
  WEFT_PARAM_OR ("message", WEFT_ACCEPT_STRING, WEFT_NO_VALUE, "what the error says"),
};
static const WeftOpParam replay_params[] = {
  WEFT_PARAM_OR ("runtime", WEFT_ACCEPT_NUMBER, WEFT_NO_VALUE,
                 "seconds; none: as recorded in the graph"),
  WEFT_PARAM_OR ("bytes", WEFT_ACCEPT_INTEGER | WEFT_ACCEPT (WEFT_TYPE_LIST), WEFT_NO_VALUE,
                 "size of each output, or a list of sizes; none: as recorded in the graph"),
  WEFT_PARAM_OR ("mode", WEFT_ACCEPT_STRING, WEFT_NO_VALUE, "“sleep” or “burn”; none: as set"),
  WEFT_PARAM_REST ("inputs", WEFT_ACCEPT_ANY, "results to wait for, unused"),
};

static const WeftOp ops[] = {
  { .name = "sleep",
    .version = 1,
    .doc = "waits, then gives the value\nEnds early when the task is cancelled.",
    WEFT_PARAMS (wait_params),
    .n_outputs = 1,
    .flags = WEFT_OP_BLOCKING,
    .kernel = op_sleep },
  { .name = "busy",
    .version = 1,
    .doc = "keeps a core busy for so many seconds of CPU time, then gives the value\n"
           "Ends early when the task is cancelled.",
    WEFT_PARAMS (wait_params),
    .n_outputs = 1,
    .kernel = op_busy },
  { .name = "slow.inc",
    .version = 1,
    .doc = "x + 1, after a second\nThe `inc` of Dask's first lesson, which sleeps, too.",
    WEFT_PARAMS (slow_inc_params),
    .n_outputs = 1,
    .flags = WEFT_OP_BLOCKING,
    .kernel = op_slow_inc },
  { .name = "slow.add",
    .version = 1,
    .doc = "x + y, after a second\nThe `add` of Dask's first lesson.",
    WEFT_PARAMS (slow_add_params),
    .n_outputs = 1,
    .flags = WEFT_OP_BLOCKING,
    .kernel = op_slow_add },
  { .name = "alloc",
    .version = 1,
    .doc = "so many bytes, each of them written",
    WEFT_PARAMS (alloc_params),
    .variadic = true,
    .n_outputs = 1,
    .flags = WEFT_OP_PURE,
    .cost_hint_ns = 100000,
    .kernel = op_alloc },
  { .name = "touch",
    .version = 1,
    .doc = "the bytes with the first of each 4,096 counted up\n"
           "In place when this task is the last to use them, else on a copy.",
    WEFT_PARAMS (touch_params),
    .n_outputs = 1,
    .flags = WEFT_OP_PURE,
    .cost_hint_ns = 10000,
    .kernel = op_touch },
  { .name = "fail",
    .version = 1,
    .doc = "fails, always or in the first attempts, then gives the value",
    WEFT_PARAMS (fail_params),
    .n_outputs = 1,
    .kernel = op_fail },
  { .name = "replay",
    .version = 1,
    .doc = "takes the time and the memory that a recorded task took\n"
           "Tasks without an operation, as in recorded workflows, are run by this one.",
    WEFT_PARAMS (replay_params),
    .variadic = true,
    .n_outputs = 1,
    .flags = WEFT_OP_BLOCKING | WEFT_OP_VARIABLE_OUTPUTS,
    .kernel = op_replay },
};

const WeftOpTable _weft_ops_work = { ops, G_N_ELEMENTS (ops) };
