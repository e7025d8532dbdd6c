/* pass.c: which passes there are, running several, and what all of them need
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Passes run in one fixed order, whatever the order they are named in: cull first, so that nothing
 * is spent on what is not wanted; inline next, as it takes tasks out of chains; fuse before order,
 * which then orders units. Each tells old → new ids; the steps are composed here. Where order is
 * not among them, priorities are seen to at the end (priority.c): they say what is to happen, not
 * how to do it well.
 */
#include "config.h"

#include "optimize/weft-pass-private.h"

#include "base/weft-clock.h"
#include "base/weft-nearest-private.h"
#include "graph/weft-graph-read-private.h"

#include <string.h>

#define N_PASSES 4
#define ALL_PASSES ((1u << N_PASSES) - 1)
#define CULL 0x1u
#define FUSE 0x4u
#define ORDER 0x8u

static const WeftPass passes[N_PASSES + 1] = {
  { "cull", "leaves out the tasks that no wanted output needs", _weft_pass_cull },
  { "inline", "puts cheap constants into the calls that read them", _weft_pass_inline },
  { "fuse", "makes units of tasks that can only run one after the other", _weft_pass_fuse },
  { "order", "numbers the tasks so that few results are held at a time", _weft_pass_order },
  { NULL, NULL, NULL },
};

const WeftPass *
weft_passes (void)
{
  return passes;
}

/* ---- names ----------------------------------------------------------------------------------- */

static bool
fail_name (const char *name, size_t n_name, GError **error)
{
  g_autofree char *quoted = _weft_quote (name, n_name);
  WeftNearest nearest;

  _weft_nearest_init (&nearest, name, n_name);
  for (uint32_t i = 0; i < N_PASSES; i++)
    _weft_nearest_offer (&nearest, passes[i].name, strlen (passes[i].name), i);
  if (n_name > 5 && strncmp (name, "fuse=", 5) == 0)
    g_set_error (error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_ARGUMENT,
                 "found the pass %s, expected a width from 1 to %d, as in fuse=4", quoted,
                 WEFT_FUSE_MAX_WIDTH);
  else if (nearest.best != WEFT_NONE)
    g_set_error (error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_ARGUMENT,
                 "found the pass %s, expected cull, inline, fuse or order; did you mean “%s”?",
                 quoted, passes[nearest.best].name);
  else
    g_set_error (
        error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_ARGUMENT,
        "found the pass %s, expected cull, inline, fuse or order with commas between them, "
        "or none alone",
        quoted);
  return false;
}

/* What the names say. */
typedef struct
{
  uint32_t passes;     /* bit i: passes[i] is to be run */
  uint32_t fuse_width; /* 0: that of the options */
} Chosen;

/* “fuse=4” */
static bool
add_fuse (const char *name, size_t n_name, Chosen *chosen)
{
  const size_t n_prefix = strlen ("fuse=");
  uint32_t width = 0;

  if (n_name <= n_prefix || strncmp (name, "fuse=", n_prefix) != 0)
    return false;
  for (size_t i = n_prefix; i < n_name; i++)
    if (!g_ascii_isdigit (name[i]) || (width = width * 10 + name[i] - '0') > WEFT_FUSE_MAX_WIDTH)
      return false;
  if (width == 0)
    return false;
  chosen->passes |= FUSE;
  chosen->fuse_width = width;
  return true;
}

static bool
add_name (const char *name, size_t n_name, Chosen *chosen)
{
  for (uint32_t i = 0; i < N_PASSES; i++)
    if (strlen (passes[i].name) == n_name && memcmp (passes[i].name, name, n_name) == 0)
      {
        chosen->passes |= 1u << i;
        return true;
      }
  return add_fuse (name, n_name, chosen);
}

static bool
parse_names (const char *names, Chosen *chosen, GError **error)
{
  bool all = names == NULL || strcmp (names, "all") == 0;

  *chosen = (Chosen){ .passes = all ? ALL_PASSES : 0 };
  if (all || strcmp (names, "none") == 0)
    return true;
  for (const char *at = names;; at++)
    {
      const char *name = at + strspn (at, " ");
      size_t n_name = strcspn (name, ",");

      at = name + n_name;
      while (n_name > 0 && name[n_name - 1] == ' ')
        n_name--;
      if (!add_name (name, n_name, chosen))
        return fail_name (name, n_name, error);
      if (*at == 0)
        return true;
    }
}

/* ---- wanted outputs -------------------------------------------------------------------------- */

const WeftTaskOutput *
_weft_pass_wanted (const WeftGraph *graph, const WeftPassOptions *options, uint32_t *n_wanted)
{
  bool others = options != NULL && options->wanted != NULL && options->n_wanted > 0;

  *n_wanted = others ? options->n_wanted : graph->arrays.n_wanted;
  return others ? options->wanted : graph->arrays.wanted;
}

bool
_weft_pass_check_wanted (const WeftGraph *graph, const WeftPassOptions *options, GError **error)
{
  const WeftGraphArrays *a = &graph->arrays;
  uint32_t n_wanted;
  const WeftTaskOutput *wanted = _weft_pass_wanted (graph, options, &n_wanted);

  for (uint32_t i = 0; i < n_wanted; i++)
    {
      bool known = wanted[i].task < a->n_tasks;
      uint32_t n_outputs = known ? a->calls[a->call_of_task[wanted[i].task]].n_outputs : 0;

      if (wanted[i].output < n_outputs)
        continue;
      if (known)
        g_set_error (error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_ARGUMENT,
                     "found output %u of task %u among the wanted ones, expected 0 to %u",
                     wanted[i].output, wanted[i].task, n_outputs - 1);
      else
        g_set_error (error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_ARGUMENT,
                     "found task %u among the wanted ones, expected a number below %u",
                     wanted[i].task, a->n_tasks);
      return false;
    }
  return true;
}

uint32_t *
_weft_pass_identity (uint32_t n)
{
  uint32_t *ids = g_new (uint32_t, (size_t) n + 1);

  for (uint32_t t = 0; t < n; t++)
    ids[t] = t;
  return ids;
}

/* The graph with the wanted outputs of the options. Tasks stay. */
static WeftGraph *
set_wanted (WeftGraph *graph, const WeftPassOptions *options)
{
  WeftGraphArrays arrays = graph->arrays;
  g_autofree uint32_t *order = NULL;

  arrays.wanted = _weft_pass_wanted (graph, options, &arrays.n_wanted);
  if (arrays.wanted == graph->arrays.wanted)
    return weft_graph_ref (graph);
  order = _weft_pass_identity (arrays.n_tasks);
  return _weft_pass_select (graph, &arrays, graph->content, order, arrays.n_tasks, NULL);
}

/* ---- new graphs ------------------------------------------------------------------------------ */

uint32_t *
_weft_pass_leaders (const WeftGraphArrays *a)
{
  uint32_t *leaders;

  if (a->unit_flags == NULL)
    return NULL;
  leaders = g_new (uint32_t, (size_t) a->n_tasks + 1);
  for (uint32_t t = 0; t < a->n_tasks; t++)
    leaders[t] = (a->unit_flags[t] & WEFT_UNIT_CONTINUES) != 0 ? leaders[t - 1] : t;
  return leaders;
}

/* Flags by new id: neighbours of one unit still are of one. */
static uint8_t *
move_units (const WeftGraphArrays *a, const uint32_t *order, uint32_t n_tasks)
{
  g_autofree uint32_t *leaders = _weft_pass_leaders (a);
  uint8_t *flags;

  if (leaders == NULL)
    return NULL;
  flags = g_new0 (uint8_t, (size_t) n_tasks + 1);
  for (uint32_t k = 1; k < n_tasks; k++)
    if (leaders[order[k]] == leaders[order[k - 1]])
      flags[k] = WEFT_UNIT_CONTINUES;
  return flags;
}

void
_weft_pass_invert (const uint32_t *order, uint32_t n_tasks, uint32_t n_old, uint32_t *new_ids)
{
  if (new_ids == NULL)
    return;
  if (n_tasks < n_old)
    memset (new_ids, 0xff, n_old * sizeof *new_ids);
  for (uint32_t k = 0; k < n_tasks; k++)
    new_ids[order[k]] = k;
}

/* What stands in for the graph is made of borrowed parts, and only read. */
WeftGraph *
_weft_pass_select (const WeftGraph *graph, const WeftGraphArrays *arrays, WeftGraphContent *content,
                   const uint32_t *order, uint32_t n_tasks, uint32_t *new_ids)
{
  WeftGraph shell = {
    .arrays = *arrays, .content = content, .keys = graph->keys, .n_slots = graph->n_slots
  };
  g_autofree uint8_t *unit_flags = move_units (arrays, order, n_tasks);

  _weft_pass_invert (order, n_tasks, arrays->n_tasks, new_ids);
  return _weft_graph_select (&shell, order, n_tasks, unit_flags);
}

WeftGraph *
_weft_pass_unchanged (WeftGraph *graph, uint32_t *new_ids)
{
  for (uint32_t t = 0; new_ids != NULL && t < graph->arrays.n_tasks; t++)
    new_ids[t] = t;
  return weft_graph_ref (graph);
}

/* ---- sizes ----------------------------------------------------------------------------------- */

uint64_t *
_weft_pass_slot_bytes (const WeftGraph *graph)
{
  const uint64_t *hints = graph->arrays.hints.output_bytes;
  uint32_t n_known = 0;
  double sum = 0;
  uint64_t mean;
  uint64_t *bytes;

  for (uint32_t s = 0; hints != NULL && s < graph->n_slots; s++)
    if (hints[s] != UINT64_MAX)
      {
        sum += (double) hints[s];
        n_known++;
      }
  if (n_known == 0)
    return NULL;
  mean = (uint64_t) MIN (sum / n_known, (double) INT64_MAX / 2);
  bytes = g_new (uint64_t, (size_t) graph->n_slots + 1);
  for (uint32_t s = 0; s < graph->n_slots; s++)
    bytes[s] = hints[s] != UINT64_MAX ? hints[s] : mean;
  return bytes;
}

/* ---- reports --------------------------------------------------------------------------------- */

void
weft_pass_report_clear (WeftPassReport *report)
{
  g_free (report->why);
  memset (report, 0, sizeof *report);
}

static void
clear_report_cb (gpointer report)
{
  weft_pass_report_clear (report);
}

void
_weft_pass_report (WeftPassReport *report, const char *pass, int64_t begin_ns,
                   const WeftGraph *before, const WeftGraph *after)
{
  if (report == NULL)
    return;
  *report = (WeftPassReport){
    .pass = pass,
    .n_tasks_before = before->arrays.n_tasks,
    .n_tasks_after = after->arrays.n_tasks,
    .n_edges_before = before->arrays.n_edges,
    .n_edges_after = after->arrays.n_edges,
    .elapsed_ns = weft_clock_mono_ns () - begin_ns,
  };
}

void
_weft_pass_report_why (WeftPassReport *report, const char *format, ...)
{
  va_list args;

  if (report == NULL)
    return;
  va_start (args, format);
  report->why = g_strdup_vprintf (format, args);
  va_end (args);
}

/* ---- all together ---------------------------------------------------------------------------- */

/* A run of weft_optimize(). */
typedef struct
{
  WeftGraph *graph;
  uint32_t *new_ids; /* (nullable): given graph → graph */
  uint32_t *step;    /* (nullable): graph → the next one */
  uint32_t n_given;
  GArray *reports; /* (nullable) */
} Sequence;

static void
compose (Sequence *sequence)
{
  for (uint32_t t = 0; sequence->new_ids != NULL && t < sequence->n_given; t++)
    if (sequence->new_ids[t] != WEFT_NONE)
      sequence->new_ids[t] = sequence->step[sequence->new_ids[t]];
}

/* Takes the next graph over; the step to it is known. */
static void
go_on_with (Sequence *sequence, WeftGraph *next)
{
  compose (sequence);
  weft_graph_unref (sequence->graph);
  sequence->graph = next;
}

static bool
run_pass (Sequence *sequence, const WeftPass *pass, const WeftPassOptions *options, GError **error)
{
  WeftPassReport report = { 0 };
  WeftGraph *next = pass->run (sequence->graph, options, sequence->step,
                               sequence->reports != NULL ? &report : NULL, error);

  if (next == NULL)
    return false;
  go_on_with (sequence, next);
  if (sequence->reports != NULL)
    g_array_append_val (sequence->reports, report);
  return true;
}

static bool
run_chosen (Sequence *sequence, uint32_t chosen, const WeftPassOptions *options, GError **error)
{
  for (uint32_t i = 0; i < N_PASSES; i++)
    if ((chosen & 1u << i) != 0 && !run_pass (sequence, &passes[i], options, error))
      return false;
  if ((chosen & ORDER) == 0)
    go_on_with (sequence, _weft_pass_by_priority (sequence->graph, sequence->step));
  return true;
}

WeftGraph *
weft_optimize (WeftGraph *graph, const char *names, const WeftPassOptions *options,
               uint32_t *new_ids, GArray **reports, GError **error)
{
  uint32_t n_given = graph->arrays.n_tasks;
  Sequence sequence = { .n_given = n_given };
  g_autofree uint32_t *ids = NULL;
  g_autofree uint32_t *step = NULL;
  g_autoptr (GArray) made = NULL;
  WeftPassOptions own = { 0 };
  Chosen chosen;

  if (!parse_names (names, &chosen, error) || !_weft_pass_check_wanted (graph, options, error))
    return NULL;
  if (options != NULL)
    own = *options;
  if (chosen.fuse_width != 0)
    own.fuse_width = chosen.fuse_width;
  if (new_ids != NULL)
    {
      sequence.new_ids = ids = _weft_pass_identity (n_given);
      sequence.step = step = g_new (uint32_t, (size_t) n_given + 1);
    }
  if (reports != NULL)
    {
      sequence.reports = made = g_array_new (FALSE, FALSE, sizeof (WeftPassReport));
      g_array_set_clear_func (made, clear_report_cb);
    }
  /* Only cull looks at what the options want, and it is the first, so that their ids still hold. */
  sequence.graph = (chosen.passes & CULL) != 0 ? weft_graph_ref (graph) : set_wanted (graph, &own);
  if (!run_chosen (&sequence, chosen.passes, &own, error))
    {
      weft_graph_unref (sequence.graph);
      return NULL;
    }
  if (new_ids != NULL)
    memcpy (new_ids, ids, n_given * sizeof *new_ids);
  if (reports != NULL)
    *reports = g_steal_pointer (&made);
  return sequence.graph;
}
