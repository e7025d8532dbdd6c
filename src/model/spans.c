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

static void
node_begin (WeftSpanNode *node)
{
  *node = (WeftSpanNode){ .start_ns = INT64_MAX, .end_ns = INT64_MIN, .group = WEFT_NO_GROUP };
}

static void
node_add_span (WeftSpanNode *node, const WeftSpan *span)
{
  int64_t ns = span->end_ns - span->start_ns;

  node->start_ns = MIN (node->start_ns, span->start_ns);
  node->end_ns = MAX (node->end_ns, span->end_ns);
  node->content |= weft_spans_content (span);
  if (span->kind != WEFT_RECORD_TASK || span->depth != 0)
    return;
  node->busy_ns += ns;
  node->n_tasks++;
  if (span->group != WEFT_NO_GROUP && (ns > node->longest_ns || node->group == WEFT_NO_GROUP))
    {
      node->longest_ns = ns;
      node->group = span->group;
    }
}

static void
node_add_node (WeftSpanNode *node, const WeftSpanNode *child)
{
  node->start_ns = MIN (node->start_ns, child->start_ns);
  node->end_ns = MAX (node->end_ns, child->end_ns);
  node->content |= child->content;
  node->busy_ns += child->busy_ns;
  node->n_tasks += child->n_tasks;
  if (child->group != WEFT_NO_GROUP
      && (child->longest_ns > node->longest_ns || node->group == WEFT_NO_GROUP))
    {
      node->longest_ns = child->longest_ns;
      node->group = child->group;
    }
}

static const WeftNodeRun *
run_of (const WeftSpans *spans, unsigned level, uint64_t first)
{
  return _weft_chunks_get (&spans->levels[level], first, NODE_BYTES);
}

/* first: of FAN spans (level 0), or nodes of the level below */
static void
fold (WeftSpanNode *node, const WeftSpans *spans, unsigned level, uint64_t first)
{
  const WeftSpan *below = level == 0 ? weft_spans_get (spans, first) : NULL;
  const WeftNodeRun *run = level > 0 ? run_of (spans, level - 1, first) : NULL;

  node_begin (node);
  for (unsigned k = 0; k < WEFT_SPANS_FAN; k++)
    if (level == 0)
      node_add_span (node, &below[k]);
    else
      {
        WeftSpanNode child = weft_node_run_get (run, level - 1, k);

        node_add_node (node, &child);
      }
}

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

static void
pack (WeftSpans *spans, const WeftSpanNode *node, unsigned level, WeftNodeRun *run, unsigned k)
{
  uint64_t extent_ns = (uint64_t) node->end_ns - (uint64_t) node->start_ns;
  uint64_t n_others = weft_spans_covered (level) - node->n_tasks;
  uint64_t full = 0;

  run->start_ns[k] = node->start_ns;
  run->group[k] = node->group;
  if (extent_ns < WEFT_SPANS_UNPACKED && fits (node->busy_ns) && fits (node->longest_ns)
      && node->content <= WEFT_SPANS_CONTENT_MASK && n_others <= MOST_OTHERS)
    {
      run->extent_ns[k] = (uint32_t) extent_ns;
      run->busy_ns[k] = (uint32_t) node->busy_ns;
      run->longest[k] = node->group != WEFT_NO_GROUP ? (uint32_t) node->longest_ns + 1 : 0;
      run->what[k] = (uint16_t) (node->content | n_others << WEFT_SPANS_CONTENT_BITS);
      return;
    }
  full = (uintptr_t) keep_full (spans, node);
  run->extent_ns[k] = WEFT_SPANS_UNPACKED;
  run->busy_ns[k] = (uint32_t) full;
  run->longest[k] = (uint32_t) (full >> 32);
  run->what[k] = 0;
}

/* Makes the nodes that `n` spans fill and n - 1 did not. */
static void
make_nodes (WeftSpans *spans, uint64_t n)
{
  for (unsigned level = 0; level < WEFT_SPANS_MAX_LEVELS && n % WEFT_SPANS_FAN == 0; level++)
    {
      unsigned k = (unsigned) (n / WEFT_SPANS_FAN - 1) % WEFT_SPANS_FAN;
      WeftSpanNode node;

      fold (&node, spans, level, n - WEFT_SPANS_FAN);
      n /= WEFT_SPANS_FAN;
      pack (spans, &node, level,
            _weft_chunks_grow (&spans->levels[level], spans->arena, n - 1 - k, NODE_BYTES), k);
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
