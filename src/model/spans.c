/* spans.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A node is made when its last span is appended, from the spans or the nodes below, before the
 * length is published; so the length alone says which nodes are whole.
 */
#include "config.h"

#include "model/weft-spans-private.h"

#define NODE_BYTES (sizeof (WeftNodeRun) / WEFT_SPANS_FAN)
#define MOST_OTHERS (UINT16_MAX >> WEFT_SPANS_CONTENT_BITS)

struct _WeftSpans
{
  WeftArena *arena;
  bool owns_arena;
  WeftChunks spans;
  WeftChunks levels[WEFT_SPANS_MAX_LEVELS]; /* NODE_BYTES a node, in runs */
  WeftChunks full;                          /* WeftSpanNode: those that do not fit */
  _Atomic uint64_t n;             /* atomic: release when the span and its nodes are written */
  _Atomic bool ordered;           /* atomic: relaxed, before n */
  int64_t last_ns[UINT8_MAX + 1]; /* owner: writer; latest end by depth */
  int64_t last_end_ns;            /* owner: writer; end of the last span */
  uint64_t n_full;                /* owner: writer */
};

WeftSpans *
_weft_spans_new_in (WeftArena *arena)
{
  WeftSpans *spans = g_new0 (WeftSpans, 1);

  spans->arena = arena;
  atomic_init (&spans->ordered, true);
  spans->last_end_ns = INT64_MIN;
  for (unsigned depth = 0; depth < G_N_ELEMENTS (spans->last_ns); depth++)
    spans->last_ns[depth] = INT64_MIN;
  return spans;
}

WeftSpans *
weft_spans_new (void)
{
  WeftSpans *spans = _weft_spans_new_in (_weft_arena_new ());

  spans->owns_arena = true;
  return spans;
}

void
weft_spans_free (WeftSpans *spans)
{
  if (spans == NULL)
    return;
  _weft_chunks_clear (&spans->spans);
  for (unsigned level = 0; level < WEFT_SPANS_MAX_LEVELS; level++)
    _weft_chunks_clear (&spans->levels[level]);
  _weft_chunks_clear (&spans->full);
  if (spans->owns_arena)
    _weft_arena_free (spans->arena);
  g_free (spans);
}

static uint16_t
content_of_outcome (uint8_t how)
{
  switch (how >> 4)
    {
    case WEFT_OUTCOME_FAILED:
    case WEFT_OUTCOME_TIMED_OUT:
    case WEFT_OUTCOME_CANCELLED:
      return WEFT_SPANS_HAS_TASK | WEFT_SPANS_HAS_ERROR;
    case WEFT_OUTCOME_RETRIED:
      return WEFT_SPANS_HAS_TASK | WEFT_SPANS_HAS_RETRY;
    default:
      return WEFT_SPANS_HAS_TASK;
    }
}

uint16_t
weft_spans_content (const WeftSpan *span)
{
  switch (span->kind)
    {
    case WEFT_RECORD_TASK:
      return content_of_outcome (span->how);
    case WEFT_RECORD_TIMED_OUT:
      return WEFT_SPANS_HAS_TASK | WEFT_SPANS_HAS_ERROR;
    case WEFT_RECORD_SPILL_WRITE:
    case WEFT_RECORD_SPILL_READ:
      return WEFT_SPANS_HAS_SPILL;
    case WEFT_RECORD_PAUSED:
    case WEFT_RECORD_MEMORY_PAUSED:
    case WEFT_RECORD_RECORDER_WAIT:
      return WEFT_SPANS_HAS_PAUSE;
    case WEFT_RECORD_PARKED:
    case WEFT_RECORD_STEAL_MISS:
      return WEFT_SPANS_HAS_PARKED;
    case WEFT_RECORD_TRANSFER:
      return WEFT_SPANS_HAS_TRANSFER;
    case WEFT_RECORD_PHASE:
      return WEFT_SPANS_HAS_PHASE;
    default:
      return WEFT_SPANS_HAS_OTHER;
    }
}

/* A node in the making. */
typedef struct
{
  WeftSpanNode node;
  int64_t others_ns; /* how long all but the longest are at most */
  unsigned longest;  /* which of the FAN it is in */
} Fold;

static void
fold_begin (Fold *fold)
{
  *fold = (Fold){
    .node = { .start_ns = INT64_MAX, .end_ns = INT64_MIN, .group = WEFT_NO_GROUP },
  };
}

static void
fold_longest (Fold *fold, unsigned k, int64_t ns, uint16_t group)
{
  WeftSpanNode *node = &fold->node;

  if (ns > node->longest_ns || node->group == WEFT_NO_GROUP)
    {
      fold->others_ns = MAX (fold->others_ns, node->longest_ns);
      fold->longest = k;
      node->longest_ns = ns;
      node->group = group;
    }
  else
    fold->others_ns = MAX (fold->others_ns, ns);
}

static void
fold_span (Fold *fold, unsigned k, const WeftSpan *span)
{
  WeftSpanNode *node = &fold->node;

  node->start_ns = MIN (node->start_ns, span->start_ns);
  node->end_ns = MAX (node->end_ns, span->end_ns);
  node->content |= weft_spans_content (span);
  if (span->kind != WEFT_RECORD_TASK || span->depth != 0)
    return;
  node->busy_ns += span->end_ns - span->start_ns;
  node->n_tasks++;
  if (span->group != WEFT_NO_GROUP)
    fold_longest (fold, k, span->end_ns - span->start_ns, span->group);
}

static void
fold_node (Fold *fold, unsigned k, const WeftSpanNode *child, WeftSpansHint hint)
{
  WeftSpanNode *node = &fold->node;

  node->start_ns = MIN (node->start_ns, child->start_ns);
  node->end_ns = MAX (node->end_ns, child->end_ns);
  node->content |= child->content;
  node->busy_ns += child->busy_ns;
  node->n_tasks += child->n_tasks;
  if (child->group == WEFT_NO_GROUP)
    return;
  fold_longest (fold, k, child->longest_ns, child->group);
  fold->others_ns = MAX (fold->others_ns, weft_spans_others_ns (child->longest_ns, hint));
}

static const WeftNodeRun *
run_of (const WeftSpans *spans, unsigned level, uint64_t first)
{
  return _weft_chunks_get (&spans->levels[level], first, NODE_BYTES);
}

/* first: of FAN spans (level 0), or nodes of the level below */
static void
fold_all (Fold *fold, const WeftSpans *spans, unsigned level, uint64_t first)
{
  const WeftSpan *below = level == 0 ? weft_spans_get (spans, first) : NULL;
  const WeftNodeRun *run = level > 0 ? run_of (spans, level - 1, first) : NULL;

  fold_begin (fold);
  for (unsigned k = 0; k < WEFT_SPANS_FAN; k++)
    if (level == 0)
      fold_span (fold, k, &below[k]);
    else
      {
        WeftSpanNode child = weft_node_run_get (run, level - 1, k);

        fold_node (fold, k, &child, run->hint[k]);
      }
}

/* ---- hints: of nodes that fit, so all nodes below fit ---------------------------------------- */

/* The first of equals. */
static const WeftSpan *
find_longest (const WeftSpans *spans, const Fold *fold, unsigned level, uint64_t first)
{
  uint64_t index = first + fold->longest;
  const WeftSpan *span;

  for (; level > 1; level--)
    {
      const WeftNodeRun *run = run_of (spans, level - 2, index * WEFT_SPANS_FAN);
      unsigned k = 0;

      while (run->longest[k] != (uint32_t) fold->node.longest_ns + 1)
        k++;
      index = index * WEFT_SPANS_FAN + k;
    }
  if (level == 0)
    return weft_spans_get (spans, index);
  span = weft_spans_get (spans, index * WEFT_SPANS_FAN);
  while (span->end_ns - span->start_ns != fold->node.longest_ns || span->kind != WEFT_RECORD_TASK
         || span->depth != 0 || span->group == WEFT_NO_GROUP)
    span++;
  return span;
}

/* Bits of the double units from one moment to another, both from the node's start. */
static unsigned
rare_between (uint64_t first_ns, uint64_t last_ns, unsigned shift)
{
  return (2u << (last_ns >> (shift + 1))) - (1u << (first_ns >> (shift + 1)));
}

static unsigned
rare_of_span (const WeftSpan *span, int64_t start_ns, unsigned shift)
{
  uint64_t first_ns = (uint64_t) (span->start_ns - start_ns);
  uint64_t last_ns = (uint64_t) (span->end_ns - start_ns);

  if ((weft_spans_content (span) & WEFT_SPANS_RARE) == 0)
    return 0;
  return rare_between (first_ns, last_ns - (last_ns > first_ns), shift);
}

static unsigned
rare_of_node (const WeftNodeRun *run, unsigned k, int64_t start_ns, unsigned shift)
{
  uint64_t from_ns = (uint64_t) (weft_node_run_start (run, k) - start_ns);
  unsigned child_shift = weft_spans_unit_shift (run->extent_ns[k]) + 1, rare = 0;

  for (unsigned bits = run->hint[k].rare; bits != 0; bits &= bits - 1)
    {
      uint64_t part = (unsigned) __builtin_ctz (bits);
      uint64_t last_ns = ((part + 1) << child_shift) - 1;

      rare |= rare_between (from_ns + (part << child_shift),
                            from_ns + MIN (last_ns, run->extent_ns[k]), shift);
    }
  return rare;
}

static unsigned
rare_of (const WeftSpans *spans, const WeftSpanNode *node, unsigned level, uint64_t first,
         unsigned shift)
{
  unsigned rare = 0;

  if ((node->content & WEFT_SPANS_RARE) == 0)
    return 0;
  for (unsigned k = 0; k < WEFT_SPANS_FAN; k++)
    rare |= level == 0 ? rare_of_span (weft_spans_get (spans, first + k), node->start_ns, shift)
                       : rare_of_node (run_of (spans, level - 1, first), k, node->start_ns, shift);
  return rare;
}

static unsigned
lead_of (uint64_t longest_ns, uint64_t others_ns)
{
  uint64_t by_ns = longest_ns - others_ns;
  unsigned lead;

  if (by_ns == 0)
    return WEFT_SPANS_NO_LEAD;
  lead = (unsigned) (__builtin_clzll (by_ns) - __builtin_clzll (longest_ns));
  lead += longest_ns >> lead > by_ns;
  return MIN (lead, WEFT_SPANS_NO_LEAD);
}

static WeftSpansHint
hint_of (const WeftSpans *spans, const Fold *fold, unsigned level, uint64_t first)
{
  const WeftSpanNode *node = &fold->node;
  unsigned shift = weft_spans_unit_shift ((uint32_t) (node->end_ns - node->start_ns));
  WeftSpansHint hint = { .lead = WEFT_SPANS_NO_LEAD };
  int64_t at_ns;

  hint.rare = rare_of (spans, node, level, first, shift) & UINT8_MAX;
  if (node->group == WEFT_NO_GROUP)
    return hint;
  at_ns = find_longest (spans, fold, level, first)->start_ns - node->start_ns;
  hint.at = (uint64_t) at_ns >> shift & 15;
  hint.lead = lead_of ((uint64_t) node->longest_ns, (uint64_t) fold->others_ns) & 15;
  return hint;
}

/* ---- packing --------------------------------------------------------------------------------- */

static bool
fits (int64_t value)
{
  return value >= 0 && value < WEFT_SPANS_UNPACKED;
}

static const WeftSpanNode *
keep_full (WeftSpans *spans, const WeftSpanNode *node)
{
  WeftSpanNode *full =
      _weft_chunks_grow (&spans->full, spans->arena, spans->n_full++, sizeof *full);

  *full = *node;
  return full;
}

/* By how much the upper half of a node's start is past that of the run's first node. */
static int64_t
start_past (const WeftNodeRun *run, const WeftSpanNode *node)
{
  return (node->start_ns >> 32) - run->start_high;
}

/* Where a node does not fit, none above it does: neither its length nor, if it begins far from the
 * first of its run, the distance. */
static bool
is_packable (const WeftSpanNode *node, unsigned level, const WeftNodeRun *run)
{
  uint64_t n_others = weft_spans_covered (level) - node->n_tasks;
  uint64_t extent_ns = (uint64_t) node->end_ns - (uint64_t) node->start_ns;
  int64_t past = start_past (run, node);

  return extent_ns < WEFT_SPANS_UNPACKED && past == (int8_t) past && fits (node->busy_ns)
         && fits (node->longest_ns) && node->content <= WEFT_SPANS_CONTENT_MASK
         && n_others <= MOST_OTHERS;
}

static void
pack (const WeftSpanNode *node, unsigned level, WeftSpansHint hint, WeftNodeRun *run, unsigned k)
{
  uint64_t n_others = weft_spans_covered (level) - node->n_tasks;

  run->start_low[k] = (uint32_t) node->start_ns;
  run->start_past[k] = (int8_t) start_past (run, node);
  run->extent_ns[k] = (uint32_t) (node->end_ns - node->start_ns);
  run->busy_ns[k] = (uint32_t) node->busy_ns;
  run->longest[k] = node->group != WEFT_NO_GROUP ? (uint32_t) node->longest_ns + 1 : 0;
  run->group[k] = node->group;
  run->what[k] = (uint16_t) (node->content | n_others << WEFT_SPANS_CONTENT_BITS);
  run->hint[k] = hint;
}

static void
point_to_full (WeftSpans *spans, const WeftSpanNode *node, WeftNodeRun *run, unsigned k)
{
  uint64_t full = (uintptr_t) keep_full (spans, node);

  run->start_low[k] = (uint32_t) node->start_ns;
  run->start_past[k] = 0;
  run->extent_ns[k] = WEFT_SPANS_UNPACKED;
  run->busy_ns[k] = (uint32_t) full;
  run->longest[k] = (uint32_t) (full >> 32);
  run->group[k] = node->group;
  run->what[k] = 0;
  run->hint[k] = (WeftSpansHint){ .lead = WEFT_SPANS_NO_LEAD };
}

/* Makes the nodes that `n` spans fill and n - 1 did not. */
static void
make_nodes (WeftSpans *spans, uint64_t n)
{
  for (unsigned level = 0; level < WEFT_SPANS_MAX_LEVELS && n % WEFT_SPANS_FAN == 0; level++)
    {
      uint64_t first = n - WEFT_SPANS_FAN;
      unsigned k = (unsigned) (n / WEFT_SPANS_FAN - 1) % WEFT_SPANS_FAN;
      WeftNodeRun *run;
      Fold fold;

      fold_all (&fold, spans, level, first);
      n /= WEFT_SPANS_FAN;
      run = _weft_chunks_grow (&spans->levels[level], spans->arena, n - 1 - k, NODE_BYTES);
      if (k == 0)
        run->start_high = (int32_t) (fold.node.start_ns >> 32);
      if (is_packable (&fold.node, level, run))
        pack (&fold.node, level, hint_of (spans, &fold, level, first), run, k);
      else
        point_to_full (spans, &fold.node, run, k);
    }
}

WeftSpan *
_weft_spans_room (WeftSpans *spans, uint64_t *n)
{
  uint64_t n_there = atomic_load_explicit (&spans->n, memory_order_relaxed);

  *n = _weft_chunks_n_from (n_there);
  return _weft_chunks_grow (&spans->spans, spans->arena, n_there, sizeof (WeftSpan));
}

static void
look_at_order (WeftSpans *spans, const WeftSpan *span)
{
  if (span->start_ns < spans->last_ns[span->depth] || span->end_ns < spans->last_end_ns)
    atomic_store_explicit (&spans->ordered, false, memory_order_relaxed);
  spans->last_ns[span->depth] = MAX (spans->last_ns[span->depth], span->end_ns);
  spans->last_end_ns = span->end_ns;
}

void
_weft_spans_publish (WeftSpans *spans, const WeftSpan *room, uint64_t n)
{
  uint64_t n_there = atomic_load_explicit (&spans->n, memory_order_relaxed);

  for (uint64_t i = 0; i < n; i++)
    look_at_order (spans, &room[i]);
  for (uint64_t whole = n_there / WEFT_SPANS_FAN * WEFT_SPANS_FAN + WEFT_SPANS_FAN;
       whole <= n_there + n; whole += WEFT_SPANS_FAN)
    make_nodes (spans, whole);
  atomic_store_explicit (&spans->n, n_there + n, memory_order_release);
}

void
weft_spans_append (WeftSpans *spans, const WeftSpan *span)
{
  uint64_t n;
  WeftSpan *room = _weft_spans_room (spans, &n);

  *room = *span;
  _weft_spans_publish (spans, room, 1);
}

uint64_t
weft_spans_n (const WeftSpans *spans)
{
  return atomic_load_explicit (&spans->n, memory_order_acquire);
}

const WeftSpan *
weft_spans_get (const WeftSpans *spans, uint64_t index)
{
  return _weft_chunks_get (&spans->spans, index, sizeof (WeftSpan));
}

bool
weft_spans_is_ordered (const WeftSpans *spans)
{
  return atomic_load_explicit (&spans->ordered, memory_order_relaxed);
}

uint64_t
weft_spans_find (const WeftSpans *spans, uint64_t n, int64_t at_ns)
{
  uint64_t low = 0, high = n;

  while (low < high)
    {
      uint64_t middle = low + (high - low) / 2;

      if (weft_spans_get (spans, middle)->end_ns > at_ns)
        high = middle;
      else
        low = middle + 1;
    }
  return low;
}

uint64_t
weft_spans_n_nodes (uint64_t n, unsigned level)
{
  for (unsigned l = 0; l <= level; l++)
    n /= WEFT_SPANS_FAN;
  return n;
}

WeftSpanNode
weft_spans_node (const WeftSpans *spans, unsigned level, uint64_t index)
{
  unsigned k = index % WEFT_SPANS_FAN;

  return weft_node_run_get (run_of (spans, level, index - k), level, k);
}

const WeftNodeRun *
weft_spans_run (const WeftSpans *spans, unsigned level, uint64_t index, uint64_t *n)
{
  *n = _weft_chunks_n_from (index * WEFT_SPANS_FAN) / WEFT_SPANS_FAN;
  return run_of (spans, level, index * WEFT_SPANS_FAN);
}
