/* weft-spans.h: the spans of one lane, and their level of detail
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Append-only, one writer, any number of readers without a lock. Spans stand in the order they were
 * appended; those of depth 0 of a worker's lane do not overlap and are in the order of time. They
 * never move. Over the spans stands a pyramid of fan-out WEFT_SPANS_FAN: node k of level l covers
 * the spans [k * FAN^(l+1), (k + 1) * FAN^(l+1)). A node is published when all its spans are there,
 * and does not change afterwards: what is behind the last full node is looked at span by span.
 *
 * A node's group is that of its longest task span that has one: the longest of several nodes and
 * spans is the same however they are cut, so what is drawn from nodes equals what is drawn from
 * spans.
 *
 * A node lies in memory in 24 bytes, as nodes are what pictures of long runs wait for: times from
 * its start in 32 bits each, and how many of its spans are no tasks in 7. The FAN nodes from a
 * multiple of FAN on, which are looked at together, are a run of three lines of the cache in which
 * each of their values is an array, so that all FAN can be compared and summed at once. Where a
 * value does not fit (4.3 s and more in one node, spans that overlap, many that are no tasks above
 * level 1) its place leads to the node in full, so that nothing is lost and reading it stays O(1).
 * Of tasks of 1 ms all nodes of levels 0 to 3 fit.
 *
 * Who looks at a part of a node's time mostly wants to know whether anything of interest is in it.
 * What is left of the 24 bytes hints at that (WeftSpansHint), so that a node cut by an edge of the
 * picture seldom has to be opened.
 *
 * The FAN spans from a multiple of FAN on lie one behind the other in memory: the pointer to the
 * first is an array of them.
 *
 * 32 bytes a span and 3.4 for the pyramid; 5.7 more where no node fits.
 */
#pragma once

#include "trace/weft-record.h"

#define WEFT_SPANS_FAN 8
#define WEFT_SPANS_MAX_LEVELS 10
#define WEFT_NO_GROUP 0xffffu
#define WEFT_SPANS_UNPACKED UINT32_MAX
#define WEFT_SPANS_CONTENT_BITS 9
#define WEFT_SPANS_CONTENT_MASK 0x1ff
#define WEFT_SPANS_UNIT_BITS 4
#define WEFT_SPANS_NO_LEAD 15

/**
 * WeftSpan:
 * @start_ns: since the run's start
 * @task: the model's number, or WEFT_NONE
 * @group: the model's number, or WEFT_NO_GROUP
 * @kind: WeftRecordKind
 * @how: as in the record (for TASK: acquisition in bits 0–3, outcome in bits 4–7)
 * @flags: as in the record
 * @depth: nesting, or packing row
 * @amount: bytes, mostly; 48 bits
 */
typedef struct
{
  int64_t start_ns;
  int64_t end_ns;
  uint32_t task;
  uint16_t group;
  uint8_t kind;
  uint8_t how;
  uint64_t flags : 8;
  uint64_t depth : 8;
  uint64_t amount : 48;
} WeftSpan;

_Static_assert(sizeof (WeftSpan) == 32, "spans are 32 bytes");

/* Whether it is an attempt up to its deadline, of which a record of its own says how it ended. It
 * stands in the lane it ran in, whose worker is stuck in it and tells nothing any more; as a span
 * of WEFT_RECORD_TIMED_OUT in lane 0 only where nobody says which lane that was. */
static inline bool
weft_span_is_deadline (const WeftSpan *span)
{
  return span->kind == WEFT_RECORD_TIMED_OUT
         || (span->kind == WEFT_RECORD_TASK && (span->flags & WEFT_RECORD_CONTINUED) != 0
             && span->how >> 4 == WEFT_OUTCOME_TIMED_OUT);
}

/* What occurs in a node: bits. */
typedef enum
{
  WEFT_SPANS_HAS_TASK = 0x01,
  WEFT_SPANS_HAS_ERROR = 0x02, /* a failed, timed out or cancelled attempt */
  WEFT_SPANS_HAS_RETRY = 0x04,
  WEFT_SPANS_HAS_SPILL = 0x08,  /* written or read */
  WEFT_SPANS_HAS_PAUSE = 0x10,  /* paused, memory pause, recorder wait */
  WEFT_SPANS_HAS_PARKED = 0x20, /* asleep, or looked for work in vain */
  WEFT_SPANS_HAS_OTHER = 0x40,
  WEFT_SPANS_HAS_TRANSFER = 0x80,
  WEFT_SPANS_HAS_PHASE = 0x100, /* deserialise and the like */
} WeftSpansContent;

/* Content of which a hint says where it is: what occurs now and then. */
#define WEFT_SPANS_RARE (WEFT_SPANS_CONTENT_MASK & ~(WEFT_SPANS_HAS_TASK | WEFT_SPANS_HAS_PARKED))

/**
 * WeftSpanNode:
 * @start_ns: earliest start
 * @end_ns: latest end
 * @busy_ns: sum of the task spans of depth 0
 * @longest_ns: the longest of those of these that have a group; 0: none
 * @group: the group of that one (of equals the first), or WEFT_NO_GROUP
 * @content: WeftSpansContent
 * @n_tasks: how many task spans of depth 0
 */
typedef struct
{
  int64_t start_ns;
  int64_t end_ns;
  int64_t busy_ns;
  int64_t longest_ns;
  uint16_t group;
  uint16_t content;
  uint32_t n_tasks;
} WeftSpanNode;

/**
 * WeftSpansHint:
 * @rare: a bit for each two units of the node's time: 0: no content of WEFT_SPANS_RARE is there
 * @at: the unit in which the longest begins, the first of equals
 * @lead: all others are at least longest_ns >> lead shorter; 0: there is no other of some length;
 *   WEFT_SPANS_NO_LEAD: one may be as long
 *
 * Units are of a power of two and begin where the node does; there are at most 16.
 */
typedef struct
{
  uint16_t rare : 8;
  uint16_t at : 4;
  uint16_t lead : 4;
} WeftSpansHint;

_Static_assert(sizeof (WeftSpansHint) == 2, "hints are 16 bits");

/**
 * WeftNodeRun:
 * @start_low, @start_past, @start_high: the start's lower half, and how much its upper one is past
 *   that of the first
 * @extent_ns: from the start to the end; WEFT_SPANS_UNPACKED: a value does not fit
 * @busy_ns, @longest: 1 + longest_ns, 0: none of its tasks has a group. Where a value does not fit:
 *   the low and the high half of where the node is
 * @what: content in bits 0–8; how many spans are no tasks of depth 0 in bits 9–15
 *
 * FAN nodes as they lie in memory. The rest is as in WeftSpanNode.
 */
typedef struct
{
  uint32_t start_low[WEFT_SPANS_FAN];
  uint32_t extent_ns[WEFT_SPANS_FAN];
  uint32_t busy_ns[WEFT_SPANS_FAN];
  uint32_t longest[WEFT_SPANS_FAN];
  uint16_t group[WEFT_SPANS_FAN];
  uint16_t what[WEFT_SPANS_FAN];
  WeftSpansHint hint[WEFT_SPANS_FAN];
  int8_t start_past[WEFT_SPANS_FAN];
  int32_t start_high;
  uint32_t unused;
} WeftNodeRun;

_Static_assert(sizeof (WeftNodeRun) == 192, "eight nodes are three lines of the cache");

/* How many spans a node of a level covers. */
static inline uint64_t
weft_spans_covered (unsigned level)
{
  return UINT64_C (1) << 3 * (level + 1);
}

_Static_assert(WEFT_SPANS_FAN == 1 << 3, "shifts are by three a level");

/* Time from a node's start to units: a shift. */
static inline unsigned
weft_spans_unit_shift (uint32_t extent_ns)
{
  return 32 - WEFT_SPANS_UNIT_BITS
         - (unsigned) __builtin_clz (extent_ns | ((1 << WEFT_SPANS_UNIT_BITS) - 1));
}

/* How long all but the longest are at most. */
static inline int64_t
weft_spans_others_ns (int64_t longest_ns, WeftSpansHint hint)
{
  return longest_ns - (longest_ns >> hint.lead & -(int64_t) (hint.lead != WEFT_SPANS_NO_LEAD));
}

/* Only of a node that fits. */
static inline int64_t
weft_node_run_start (const WeftNodeRun *run, unsigned k)
{
  uint64_t high = (uint64_t) ((int64_t) run->start_high + run->start_past[k]);

  return (int64_t) (high << 32 | run->start_low[k]);
}

/* level: the one it lies in; k: below FAN */
static inline WeftSpanNode
weft_node_run_get (const WeftNodeRun *run, unsigned level, unsigned k)
{
  if (WEFT_UNLIKELY (run->extent_ns[k] == WEFT_SPANS_UNPACKED))
    return *(const WeftSpanNode *) (uintptr_t) (run->busy_ns[k] | (uint64_t) run->longest[k] << 32);
  return (WeftSpanNode){
    .start_ns = weft_node_run_start (run, k),
    .end_ns = weft_node_run_start (run, k) + run->extent_ns[k],
    .busy_ns = run->busy_ns[k],
    .longest_ns = run->longest[k] - (run->longest[k] > 0),
    .group = run->group[k],
    .content = run->what[k] & WEFT_SPANS_CONTENT_MASK,
    .n_tasks = (uint32_t) weft_spans_covered (level) - (run->what[k] >> WEFT_SPANS_CONTENT_BITS),
  };
}

typedef struct _WeftSpans WeftSpans;

/**
 * weft_spans_new:
 *
 * Returns: (transfer full)
 */
WEFT_API WeftSpans *weft_spans_new (void);

/**
 * weft_spans_free:
 * @spans: (nullable)
 *
 * Nobody may read any more.
 */
WEFT_API void weft_spans_free (WeftSpans *spans);

/**
 * weft_spans_append:
 *
 * The writer's thread. Amortised O(1). A span that ends before the one appended before it, or
 * starts before the end of one at its depth, makes weft_spans_is_ordered() false: then nothing can
 * be found by time but span by span.
 */
WEFT_API void weft_spans_append (WeftSpans *spans, const WeftSpan *span);

/**
 * weft_spans_n:
 *
 * Returns: how many are there to be read. Any thread.
 */
WEFT_API uint64_t weft_spans_n (const WeftSpans *spans);

/**
 * weft_spans_get:
 * @index: below what weft_spans_n() has said
 *
 * Returns: (transfer none): never moves and never changes. Any thread. O(1)
 */
WEFT_API const WeftSpan *weft_spans_get (const WeftSpans *spans, uint64_t index);

/**
 * weft_spans_is_ordered:
 *
 * Returns: whether all so far were in the order of time and without overlap, as a worker's are. Any
 *   thread.
 */
WEFT_API bool weft_spans_is_ordered (const WeftSpans *spans);

/**
 * weft_spans_find:
 * @n: how many to look at: what weft_spans_n() said when the snapshot was taken
 *
 * Returns: the first of ordered spans that ends after @at_ns; @n: none does. Any thread. O(log n)
 */
WEFT_API uint64_t weft_spans_find (const WeftSpans *spans, uint64_t n, int64_t at_ns);

/**
 * weft_spans_n_nodes:
 * @level: 0 … WEFT_SPANS_MAX_LEVELS - 1
 *
 * Returns: how many nodes of a level are whole when @n spans are. Any thread.
 */
WEFT_API uint64_t weft_spans_n_nodes (uint64_t n, unsigned level);

/**
 * weft_spans_node:
 *
 * Returns: node @index of @level, which must be whole. Any thread. O(1)
 */
WEFT_API WeftSpanNode weft_spans_node (const WeftSpans *spans, unsigned level, uint64_t index);

/**
 * weft_spans_run:
 * @n: (out): how many runs lie one behind the other from there on, whether they are whole or not
 *
 * Returns: (transfer none): the nodes of @level from FAN × @index on, of which at least one must
 *   be whole: never moves, and what is whole never changes. Any thread. O(1)
 */
WEFT_API const WeftNodeRun *weft_spans_run (const WeftSpans *spans, unsigned level, uint64_t index,
                                            uint64_t *n);

/**
 * weft_spans_content:
 *
 * Returns: WeftSpansContent of one span
 */
WEFT_API uint16_t weft_spans_content (const WeftSpan *span);
