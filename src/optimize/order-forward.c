/* order-forward.c: passes that build an order from its front.
 *
 * Both keep the same books. A result knows how many consumers it has left and
 * the XOR of their numbers, which is the last one's number once one is left.
 * So a task knows at any time which of its inputs only it still holds, and
 * thereby its net: the bytes of its result less the bytes that die with it. A
 * task that is ready and whose net is not above zero runs at once: it costs
 * nothing, and what comes after it may free more ("finish what frees
 * memory"). What to do when no such task is left makes the difference:
 *
 * The ranked pass takes the ready task that comes first in a given ranking.
 *
 * The goals pass takes a task of which an input is live already, the newest
 * or the oldest such task, and runs what it misses, depth first, in the order
 * that order-walks.c gives to each task's dependencies. Where nothing is
 * touched it takes the first task of the ranking that has not run. A patient
 * goals pass leaves tasks whose net is just zero where they are: running one
 * needs room for its result for a moment, and later there may be more room. It
 * takes dependents in the order of order-walks.c as well; on a tree that grows
 * from one source, newest first, this is the best order.
 *
 * Every edge is visited a fixed number of times in either direction; sets of
 * ready tasks are bitmaps by rank. Both passes are linear in tasks and edges.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */

#include "weft-order-passes-private.h"

#include <assert.h>
#include <string.h>

/* States asked for ahead of their use, of a task's neighbours on each side. */
#define MOST_FETCHED 8

typedef struct
{
  WeftOrderScratch *scratch;
  const WeftOrderGraph *graph;
  WeftOrderState *state;
  const uint32_t *ranked;
  uint32_t *rank;        /* by number */
  WeftOrderBits ready;   /* by rank: can run and would cost memory */
  WeftOrderBits freeing; /* by rank: can run and would not */
  WeftOrderLoad live;
  WeftOrderLoad peak;
  bool keep_ready; /* somebody reads ready */
  int32_t bias;    /* added to every task's net in results */
} Forward;

/* What running the task will read first is asked for. */
static void
enqueue (Forward *forward, uint32_t task)
{
  const WeftOrderGraph *graph = forward->graph;
  WeftOrderBits *freeing = &forward->freeing;
  WeftOrderBits *ready = &forward->ready;
  bool frees = weft_order_state_frees (&forward->state[task]);

  __builtin_prefetch (&forward->ranked[forward->rank[task]]);
  __builtin_prefetch (&graph->deps[graph->dep_offsets[task]]);
  __builtin_prefetch (&graph->dependents[graph->dependent_offsets[task]]);
  if (frees || forward->keep_ready)
    weft_order_bits_insert (frees ? freeing : ready, forward->rank[task]);
}

/* A task that could run has come to cost nothing. */
static void
start_freeing (Forward *forward, uint32_t task)
{
  if (forward->keep_ready)
    weft_order_bits_remove (&forward->ready, forward->rank[task]);
  weft_order_bits_insert (&forward->freeing, forward->rank[task]);
}

/* How many consumers a result has left is what no processor can foresee. So
 * nothing here depends on it but numbers: where it is not one, nothing is
 * credited, to the task that runs. */
static void
look_at_consumers (Forward *forward, const WeftOrderState *state, uint32_t task)
{
  bool one_left = state->left == 1;
  bool none_left = state->left == 0;
  WeftOrderState *last = &forward->state[one_left ? state->last : task];
  bool settled = last->missing != 0 || weft_order_state_frees (last);

  forward->live.bytes -= none_left ? state->bytes : 0;
  forward->live.results -= none_left;
  last->net_bytes -= one_left ? (int64_t) state->bytes : 0;
  last->net_results -= one_left;
  if (!settled && one_left && weft_order_state_frees (last))
    start_freeing (forward, state->last);
}

static void
consume (Forward *forward, uint32_t task, uint32_t dep)
{
  WeftOrderState *state = &forward->state[dep];

  state->left--;
  state->last ^= task;
  look_at_consumers (forward, state, task);
}

/* In large graphs every state is a miss of all caches. Asked for at once they
 * are waited for together. */
static void
fetch_states (const WeftOrderState *state, const uint32_t *task, const uint32_t *end)
{
  for (end = end - task > MOST_FETCHED ? task + MOST_FETCHED : end; task < end; task++)
    __builtin_prefetch (&state[*task], 1);
}

static void
run_task (Forward *forward, uint32_t task)
{
  const WeftOrderGraph *graph = forward->graph;
  const uint32_t *dep = graph->deps + graph->dep_offsets[task];
  const uint32_t *end = graph->deps + graph->dep_offsets[task + 1];
  const uint32_t *dependent = graph->dependents + graph->dependent_offsets[task];
  const uint32_t *dependents_end = graph->dependents + graph->dependent_offsets[task + 1];
  WeftOrderState *own = &forward->state[task];

  fetch_states (forward->state, dep, end);
  fetch_states (forward->state, dependent, dependents_end);
  forward->live.bytes += own->bytes;
  forward->live.results++;
  weft_order_load_raise (&forward->peak, forward->live);
  forward->scratch->n_steps += 1 + (uint64_t) (end - dep) + (uint64_t) (dependents_end - dependent);
  for (; dep < end; dep++)
    consume (forward, task, *dep);
  look_at_consumers (forward, own, task);

  for (; dependent < dependents_end; dependent++)
    if (--forward->state[*dependent].missing == 0)
      enqueue (forward, *dependent);
}

static void
init_state (Forward *forward, uint32_t task)
{
  const WeftOrderGraph *graph = forward->graph;
  WeftOrderState *state = &forward->state[task];
  uint32_t n_dependents = graph->dependent_offsets[task + 1] - graph->dependent_offsets[task];
  bool held = weft_order_graph_held (graph, task);
  bool kept = held || n_dependents > 0;

  state->bytes = weft_order_graph_bytes (graph, task);
  state->net_bytes = kept ? (int64_t) state->bytes : 0;
  state->net_results = forward->bias + kept;
  state->missing = graph->dep_offsets[task + 1] - graph->dep_offsets[task];
  state->left = n_dependents + (held ? WEFT_ORDER_HELD : 0);
  state->last = forward->scratch->consumers_xor[task];
  if (state->missing == 0)
    enqueue (forward, task);
}

static void
forward_init (Forward *forward, WeftOrderScratch *scratch, const uint32_t *ranked, bool keep_ready,
              int32_t bias)
{
  *forward = (Forward){
    .scratch = scratch,
    .graph = scratch->graph,
    .state = scratch->state,
    .ranked = ranked,
    .rank = scratch->rank,
    .keep_ready = keep_ready,
    .bias = bias,
  };
  _weft_order_bits_init (&forward->freeing, scratch->n_tasks, scratch->words);
  _weft_order_bits_init (&forward->ready, scratch->n_tasks,
                         scratch->words + _weft_order_bits_words (scratch->n_tasks));
  for (uint32_t k = 0; k < scratch->n_tasks; k++)
    forward->rank[ranked[k]] = k;
  for (uint32_t t = scratch->first; t < scratch->end; t++)
    init_state (forward, t);
  scratch->n_steps += 2 * (uint64_t) scratch->n_tasks;
}

static uint32_t
take_first (const Forward *forward, WeftOrderBits *from)
{
  uint32_t rank = weft_order_bits_min (from);

  weft_order_bits_remove (from, rank);
  return forward->ranked[rank];
}

bool
_weft_order_forward (WeftOrderScratch *scratch, const uint32_t *ranked, WeftOrderLoad limit,
                     uint32_t *sequence, WeftOrderLoad *peak)
{
  Forward forward;

  forward_init (&forward, scratch, ranked, true, 0);
  for (uint32_t k = 0; k < scratch->n_tasks; k++)
    {
      bool frees = !weft_order_bits_empty (&forward.freeing);

      sequence[k] = take_first (&forward, frees ? &forward.freeing : &forward.ready);
      run_task (&forward, sequence[k]);
      if (!weft_order_load_less (forward.peak, limit))
        return false;
    }
  *peak = forward.peak;
  return true;
}

/* --- goals */

/* A patient pass runs at once only what lowers the number of live bytes: the
 * bias is above any number of results that one task can free. */
#define PATIENT_BIAS (INT32_MAX / 2)

enum
{
  MARK_NEW,
  MARK_DEMANDED, /* its dependencies are on the stack, or have been */
  MARK_DONE,
};

typedef struct
{
  Forward forward;
  WeftOrderGoal goal;
  bool patient;
  uint8_t *marks;
  uint32_t *demand; /* stack of tasks to be run */
  uint32_t n_demand;
  uint32_t *touched; /* tasks with a live input, in order of time */
  uint32_t n_touched;
  uint32_t n_looked; /* oldest first: so many have been taken */
  uint32_t n_ranked; /* so many of the ranking have been taken */
} Goals;

static void
push_missing (Goals *goals, uint32_t task)
{
  WeftOrderScratch *scratch = goals->forward.scratch;
  const uint32_t *offsets = goals->forward.graph->dep_offsets;

  goals->marks[task] = MARK_DEMANDED;
  for (uint32_t e = offsets[task + 1]; e-- > offsets[task];)
    if (goals->marks[scratch->dep_order[e]] == MARK_NEW)
      goals->demand[goals->n_demand++] = scratch->dep_order[e];
  scratch->n_steps += 1 + offsets[task + 1] - offsets[task];
}

/* A goal that has run in the meantime is dropped where the stack is read. */
static uint32_t
next_goal (Goals *goals)
{
  if (goals->goal == WEFT_ORDER_GOAL_NEWEST && goals->n_touched > 0)
    return goals->touched[--goals->n_touched];
  if (goals->goal == WEFT_ORDER_GOAL_OLDEST && goals->n_looked < goals->n_touched)
    return goals->touched[goals->n_looked++];
  return goals->forward.ranked[goals->n_ranked++];
}

static uint32_t
next_demanded (Goals *goals)
{
  for (;;)
    {
      uint32_t task;

      if (goals->n_demand == 0)
        goals->demand[goals->n_demand++] = next_goal (goals);
      task = goals->demand[goals->n_demand - 1];
      goals->forward.scratch->n_steps++;
      if (goals->marks[task] != MARK_DONE && goals->forward.state[task].missing > 0)
        {
          push_missing (goals, task);
          continue;
        }
      goals->n_demand--;
      if (goals->marks[task] != MARK_DONE)
        return task;
    }
}

/* The first of the order last, since the newest is taken first. */
static void
touch_dependents (Goals *goals, uint32_t task)
{
  const WeftOrderGraph *graph = goals->forward.graph;
  const uint32_t *offsets = graph->dependent_offsets;
  const uint32_t *order =
      goals->patient ? goals->forward.scratch->dependent_order : graph->dependents;

  for (uint32_t e = offsets[task + 1]; e-- > offsets[task];)
    if (goals->marks[order[e]] == MARK_NEW)
      goals->touched[goals->n_touched++] = order[e];
}

static void
goals_init (Goals *goals, WeftOrderScratch *scratch, WeftOrderGoal goal, bool patient,
            const uint32_t *ranked)
{
  *goals = (Goals){
    .goal = goal,
    .patient = patient,
    .marks = scratch->marks,
    .demand = scratch->stack,
    .touched = scratch->touched,
  };
  memset (scratch->marks + scratch->first, MARK_NEW, scratch->n_tasks);
  forward_init (&goals->forward, scratch, ranked, false, patient ? PATIENT_BIAS : 0);
}

bool
_weft_order_goals (WeftOrderScratch *scratch, WeftOrderGoal goal, bool patient,
                   const uint32_t *ranked, WeftOrderLoad limit, uint32_t *sequence,
                   WeftOrderLoad *peak)
{
  Goals goals;

  goals_init (&goals, scratch, goal, patient, ranked);
  for (uint32_t k = 0; k < scratch->n_tasks; k++)
    {
      bool frees = !weft_order_bits_empty (&goals.forward.freeing);

      sequence[k] =
          frees ? take_first (&goals.forward, &goals.forward.freeing) : next_demanded (&goals);
      goals.marks[sequence[k]] = MARK_DONE;
      run_task (&goals.forward, sequence[k]);
      if (!weft_order_load_less (goals.forward.peak, limit))
        return false;
      touch_dependents (&goals, sequence[k]);
    }
  *peak = goals.forward.peak;
  return true;
}
