/* weft-order-passes-private.h: what the parts of the static order share.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */

#pragma once

#include "weft-order-private.h"

#include <stddef.h>

#define WEFT_ORDER_NONE UINT32_MAX

/* Memory in two currencies: what is minimised, and what breaks ties. */
typedef struct
{
  uint64_t bytes;
  uint64_t results;
} WeftOrderLoad;

static inline bool
weft_order_load_less (WeftOrderLoad a, WeftOrderLoad b)
{
  if (a.bytes != b.bytes)
    return a.bytes < b.bytes;
  return a.results < b.results;
}

static inline void
weft_order_load_raise (WeftOrderLoad *peak, WeftOrderLoad live)
{
  if (live.bytes > peak->bytes)
    peak->bytes = live.bytes;
  if (live.results > peak->results)
    peak->results = live.results;
}

/* The graph as the passes see it: renumbered so that each dependency has a
 * smaller number than its dependents and each weakly connected component
 * ("part") is one range of numbers; duplicate edges are gone. */
typedef struct
{
  uint32_t n_tasks;
  uint32_t n_parts;
  const uint32_t *dep_offsets;
  const uint32_t *deps;
  const uint32_t *dependent_offsets;
  const uint32_t *dependents;
  const uint64_t *bytes;  /* NULL: every result counts 1 */
  const uint8_t *held;    /* NULL: no result is an output */
  const uint32_t *given;  /* number -> the caller's id; NULL: the same */
  uint32_t *part_offsets; /* n_parts + 1 */
  void *block;            /* arrays that are not the caller's */
} WeftOrderGraph;

static inline uint64_t
weft_order_graph_bytes (const WeftOrderGraph *graph, uint32_t task)
{
  return graph->bytes != NULL ? graph->bytes[task] : 1;
}

static inline bool
weft_order_graph_held (const WeftOrderGraph *graph, uint32_t task)
{
  return graph->held != NULL && graph->held[task];
}

bool _weft_order_graph_init (WeftOrderGraph *graph, const WeftOrderInput *input, bool one_part,
                             uint64_t *n_steps);
bool _weft_order_graph_init_part (WeftOrderGraph *part, const WeftOrderGraph *graph, uint32_t first,
                                  uint32_t n_tasks, const uint32_t *sequence, uint32_t *numbers);
void _weft_order_graph_clear (WeftOrderGraph *graph);

/* A set of uint32_t below a bound as a tree of bitmaps, 64 to a node: insert,
 * remove, smallest and largest in O(log64 bound). */
#define WEFT_ORDER_BITS_LEVELS 6

typedef struct
{
  uint32_t n_levels;
  uint64_t *levels[WEFT_ORDER_BITS_LEVELS]; /* 0: one bit a member */
} WeftOrderBits;

size_t _weft_order_bits_words (uint32_t bound);
void _weft_order_bits_init (WeftOrderBits *bits, uint32_t bound, uint64_t *words);

static inline bool
weft_order_bits_empty (const WeftOrderBits *bits)
{
  return bits->levels[bits->n_levels - 1][0] == 0;
}

static inline void
weft_order_bits_insert (WeftOrderBits *bits, uint32_t member)
{
  for (uint32_t level = 0; level < bits->n_levels; level++)
    {
      uint64_t *word = &bits->levels[level][member >> 6];
      uint64_t before = *word;

      *word = before | (uint64_t) 1 << (member & 63);
      if (before != 0)
        return;
      member >>= 6;
    }
}

static inline void
weft_order_bits_remove (WeftOrderBits *bits, uint32_t member)
{
  for (uint32_t level = 0; level < bits->n_levels; level++)
    {
      uint64_t *word = &bits->levels[level][member >> 6];

      *word &= ~((uint64_t) 1 << (member & 63));
      if (*word != 0)
        return;
      member >>= 6;
    }
}

/* The set must not be empty. */
static inline uint32_t
weft_order_bits_min (const WeftOrderBits *bits)
{
  uint32_t at = 0;

  for (uint32_t level = bits->n_levels; level-- > 0;)
    at = at << 6 | (uint32_t) __builtin_ctzll (bits->levels[level][at]);
  return at;
}

static inline uint32_t
weft_order_bits_max (const WeftOrderBits *bits)
{
  uint32_t at = 0;

  for (uint32_t level = bits->n_levels; level-- > 0;)
    at = at << 6 | (63 - (uint32_t) __builtin_clzll (bits->levels[level][at]));
  return at;
}

void *_weft_order_alloc (size_t size);

/* A task's state while a list pass runs. Together, so that a visit costs one
 * cache line. */
typedef struct
{
  int64_t net_bytes; /* by how much placing it raises what is live */
  uint64_t bytes;    /* of its result */
  int32_t net_results;
  uint32_t missing; /* neighbours to be placed before this one */
  uint32_t left;    /* forward: consumers left; backward: live or not */
  uint32_t last;    /* XOR of the consumers left: the last one, at 1 */
} WeftOrderState;

/* Consumers that an output has left besides its own: more than there are. */
#define WEFT_ORDER_HELD (UINT32_C (1) << 31)

/* Placing it does not raise what is live. */
static inline bool
weft_order_state_frees (const WeftOrderState *state)
{
  if (state->net_bytes != 0)
    return state->net_bytes < 0;
  return state->net_results <= 0;
}

/* Scratch memory of the passes over one graph, and the part in work. Arrays
 * go by number unless said otherwise. */
typedef struct
{
  const WeftOrderGraph *graph;
  WeftOrderState *state;
  uint64_t *keys;            /* to sort by; see order-walks.c */
  uint64_t *words;           /* two sets of bits, by rank */
  uint32_t *consumers_xor;   /* XOR of all consumers */
  uint32_t *rank;            /* where it stands in what a list pass goes by */
  uint32_t *dep_order;       /* by edge: deps in the order to visit them */
  uint32_t *dependent_order; /* by edge: the same of dependents */
  uint32_t *stack;           /* n_tasks + n_edges */
  uint32_t *touched;         /* n_edges */
  uint8_t *marks;
  void *block;
  uint64_t n_steps;
  uint32_t first; /* number of the part's first task */
  uint32_t end;
  uint32_t n_tasks;
  uint32_t n_edges;
} WeftOrderScratch;

bool _weft_order_scratch_init (WeftOrderScratch *scratch, const WeftOrderGraph *graph);
void _weft_order_scratch_clear (WeftOrderScratch *scratch);
void _weft_order_scratch_set_part (WeftOrderScratch *scratch, uint32_t part);

/* List passes over the part. They take a sequence of its numbers as ranking,
 * write another, and measure its peak on the way. Once it is clear that the
 * peak will not be less than limit they give up and return false; sequence is
 * then not complete. ranked and sequence must not overlap. */
bool _weft_order_forward (WeftOrderScratch *scratch, const uint32_t *ranked, WeftOrderLoad limit,
                          uint32_t *sequence, WeftOrderLoad *peak);
bool _weft_order_backward (WeftOrderScratch *scratch, const uint32_t *ranked, WeftOrderLoad limit,
                           uint32_t *sequence, WeftOrderLoad *peak);

/* What the goals pass works towards next, of all it could go on with. */
typedef enum
{
  WEFT_ORDER_GOAL_NEWEST,
  WEFT_ORDER_GOAL_OLDEST,
} WeftOrderGoal;

bool _weft_order_goals (WeftOrderScratch *scratch, WeftOrderGoal goal, bool patient,
                        const uint32_t *ranked, WeftOrderLoad limit, uint32_t *sequence,
                        WeftOrderLoad *peak);

/* Walks over the part; they write sequences to rank by. */
void _weft_order_label_deps (WeftOrderScratch *scratch);
void _weft_order_label_dependents (WeftOrderScratch *scratch);
void _weft_order_depth_first (WeftOrderScratch *scratch, const uint32_t *sinks, uint32_t n_sinks,
                              uint32_t *sequence);
void _weft_order_sweep (WeftOrderScratch *scratch, uint32_t *sequence);
uint32_t _weft_order_collect_sinks (const WeftOrderScratch *scratch, const uint32_t *sequence,
                                    uint32_t *sinks);

/* For each of the part's sinks, its sources: worked out only where the lists
 * stay small. */
typedef struct
{
  uint32_t n_sinks;
  uint32_t *sinks;          /* n_sinks */
  uint32_t *source_offsets; /* n_sinks + 1 */
  uint32_t *sources;
  uint32_t *sink_offsets; /* by number - first of a source, and one more */
  uint32_t *sink_idxs;    /* indices into sinks */
  void *block;
} WeftOrderCones;

bool _weft_order_cones_init (WeftOrderCones *cones, WeftOrderScratch *scratch,
                             const uint32_t *sinks, uint32_t n_sinks);
void _weft_order_cones_clear (WeftOrderCones *cones);
bool _weft_order_cones_nearest (const WeftOrderCones *cones, WeftOrderScratch *scratch,
                                WeftOrderGoal tie, bool sources_back, uint32_t *sinks);

/* Classes of equal effective priority, by number; 0 goes first. */
bool _weft_order_classes_new (const WeftOrderGraph *graph, const int32_t *priorities,
                              uint32_t **classes, uint32_t *n_classes);
void _weft_order_classes_group (const uint32_t *classes, uint32_t n_classes, uint32_t *sequence,
                                uint32_t n, uint32_t *spare, uint32_t *counts);

/* A peak that no order of the part can go below, and the peak of one. */
WeftOrderLoad _weft_order_least (const WeftOrderScratch *scratch);
WeftOrderLoad _weft_order_measure (WeftOrderScratch *scratch, const uint32_t *sequence);

bool _weft_order_is_scattered (const WeftOrderScratch *scratch);

/* Runs the parts' sequences, one behind the other in sequence, interleaved. */
bool _weft_order_merge_parts (WeftOrderScratch *scratch, const uint32_t *sequence,
                              uint32_t *merged);

/* The search for the best order of one part after the other. */
typedef struct
{
  const WeftOrderGraph *graph;
  WeftOrderScratch *scratch;
  const uint32_t *classes; /* by number; NULL: no priorities */
  uint32_t n_classes;
  /* buffers of n_tasks */
  uint32_t *best;   /* the best order so far */
  uint32_t *ranked; /* what the next list pass goes by */
  uint32_t *spare;  /* what it writes */
  uint32_t *walk;   /* n_tasks + 1: what the next goals pass goes by */
  uint32_t *sinks;  /* n_tasks + 1 */
  uint32_t *counts; /* n_classes + 1 */
  /* the part in work */
  WeftOrderGraph nearby; /* its tasks renumbered, if it has a block */
  uint32_t first;
  WeftOrderLoad peak;
  WeftOrderLoad least;
  bool scattered; /* large, and what is next to each other is far apart */
  bool justified; /* best has been through a backward pass */
  bool has_dependent_order;
  uint64_t n_steps_spare; /* left for small parts, see order-search.c */
  uint64_t n_steps_begin;
  uint64_t n_steps_end;
} WeftOrderSearch;

void _weft_order_search_init (WeftOrderSearch *search, const WeftOrderGraph *graph,
                              WeftOrderScratch *scratch);
bool _weft_order_search_part (WeftOrderSearch *search, uint32_t part);
