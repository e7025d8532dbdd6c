/* order-backward.c: a pass that builds an order from its back.
 *
 * Placing a task, last one first, ends the life of its result (towards the
 * front) and makes those of its inputs live that no task behind it reads. Its
 * net is the bytes of the latter less its own: what placing it here adds to
 * what is live before it. A task whose dependents are all placed and whose net
 * is not above zero is placed at once: nothing runs earlier than needed that
 * could as well run later. Sources always are of that kind. Otherwise the task
 * goes that comes last in a given ranking.
 *
 * Given the ranking that another pass found, this shifts to the right what was
 * run too early there, as justification does with schedules (Wiest, Operations
 * Research 12, 1964). A result becomes live once, and then its consumers are
 * told, so every edge is visited a fixed number of times.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */

#include "weft-order-passes-private.h"

typedef struct
{
  WeftOrderScratch *scratch;
  const WeftOrderGraph *graph;
  WeftOrderState *state;
  const uint32_t *ranked;
  uint32_t *rank;        /* by number */
  WeftOrderBits ready;   /* by rank: placing it costs memory */
  WeftOrderBits freeing; /* by rank: placing it does not */
  WeftOrderLoad live;
  WeftOrderLoad peak;
} Backward;

static void
enqueue (Backward *backward, uint32_t task)
{
  WeftOrderBits *freeing = &backward->freeing;
  WeftOrderBits *ready = &backward->ready;
  bool frees = weft_order_state_frees (&backward->state[task]);

  weft_order_bits_insert (frees ? freeing : ready, backward->rank[task]);
}

/* One of the inputs of task is live already, so placing it costs less. */
static void
credit_consumer (Backward *backward, uint32_t consumer, uint64_t bytes)
{
  WeftOrderState *state = &backward->state[consumer];
  bool settled = state->missing != 0 || weft_order_state_frees (state);

  state->net_bytes -= (int64_t) bytes;
  state->net_results--;
  if (settled || !weft_order_state_frees (state))
    return;
  weft_order_bits_remove (&backward->ready, backward->rank[consumer]);
  weft_order_bits_insert (&backward->freeing, backward->rank[consumer]);
}

static void
revive (Backward *backward, uint32_t dep, uint32_t reader)
{
  const WeftOrderGraph *graph = backward->graph;
  const uint32_t *consumer = graph->dependents + graph->dependent_offsets[dep];
  const uint32_t *end = graph->dependents + graph->dependent_offsets[dep + 1];
  uint64_t bytes = backward->state[dep].bytes;

  backward->state[dep].left = 1;
  backward->live.bytes += bytes;
  backward->live.results++;
  backward->scratch->n_steps += (uint64_t) (end - consumer);
  for (; consumer < end; consumer++)
    if (*consumer != reader)
      credit_consumer (backward, *consumer, bytes);
}

static void
place_task (Backward *backward, uint32_t task)
{
  const WeftOrderGraph *graph = backward->graph;
  const uint32_t *dep = graph->deps + graph->dep_offsets[task];
  const uint32_t *end = graph->deps + graph->dep_offsets[task + 1];
  WeftOrderLoad own = { backward->state[task].bytes, 1 };

  if (!backward->state[task].left)
    {
      backward->live.bytes += own.bytes;
      backward->live.results += own.results;
    }
  backward->scratch->n_steps += 1 + (uint64_t) (end - dep);
  for (; dep < end; dep++)
    {
      if (!backward->state[*dep].left)
        revive (backward, *dep, task);
      if (--backward->state[*dep].missing == 0)
        enqueue (backward, *dep);
    }
  weft_order_load_raise (&backward->peak, backward->live);
  backward->live.bytes -= own.bytes;
  backward->live.results -= own.results;
}

static void
init_state (Backward *backward, uint32_t task)
{
  const WeftOrderGraph *graph = backward->graph;
  WeftOrderState *state = &backward->state[task];
  uint64_t bytes = weft_order_graph_bytes (graph, task);
  bool held = weft_order_graph_held (graph, task);

  state->missing = graph->dependent_offsets[task + 1] - graph->dependent_offsets[task];
  state->bytes = bytes;
  state->left = held;
  state->net_bytes = held || state->missing ? -(int64_t) bytes : 0;
  state->net_results = held || state->missing ? -1 : 0;
  for (uint32_t e = graph->dep_offsets[task]; e < graph->dep_offsets[task + 1]; e++)
    if (!weft_order_graph_held (graph, graph->deps[e]))
      {
        state->net_bytes += (int64_t) weft_order_graph_bytes (graph, graph->deps[e]);
        state->net_results++;
      }
  if (held)
    {
      backward->live.bytes += bytes;
      backward->live.results++;
    }
  if (state->missing == 0)
    enqueue (backward, task);
}

static void
backward_init (Backward *backward, WeftOrderScratch *scratch, const uint32_t *ranked)
{
  *backward = (Backward){
    .scratch = scratch,
    .graph = scratch->graph,
    .state = scratch->state,
    .ranked = ranked,
    .rank = scratch->rank,
  };
  _weft_order_bits_init (&backward->freeing, scratch->n_tasks, scratch->words);
  _weft_order_bits_init (&backward->ready, scratch->n_tasks,
                         scratch->words + _weft_order_bits_words (scratch->n_tasks));
  for (uint32_t k = 0; k < scratch->n_tasks; k++)
    backward->rank[ranked[k]] = k;
  for (uint32_t t = scratch->first; t < scratch->end; t++)
    init_state (backward, t);
  scratch->n_steps += 2 * (uint64_t) scratch->n_tasks + scratch->n_edges;
}

static uint32_t
take_last (Backward *backward)
{
  bool frees = !weft_order_bits_empty (&backward->freeing);
  WeftOrderBits *from = frees ? &backward->freeing : &backward->ready;
  uint32_t rank = weft_order_bits_max (from);

  weft_order_bits_remove (from, rank);
  return backward->ranked[rank];
}

bool
_weft_order_backward (WeftOrderScratch *scratch, const uint32_t *ranked, WeftOrderLoad limit,
                      uint32_t *sequence, WeftOrderLoad *peak)
{
  Backward backward;

  backward_init (&backward, scratch, ranked);
  for (uint32_t k = scratch->n_tasks; k-- > 0;)
    {
      sequence[k] = take_last (&backward);
      place_task (&backward, sequence[k]);
      if (!weft_order_load_less (backward.peak, limit))
        return false;
    }
  *peak = backward.peak;
  return true;
}
