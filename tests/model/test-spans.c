/* test-spans.c: spans and their pyramid against a plain twin
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The twin keeps all spans in one array and folds what a node covers each time it is asked. Spans
 * are drawn at random: tasks and other kinds, nested ones, lengths of many magnitudes and of 0. How
 * nodes lie in memory cannot be seen: those that do not fit there equal their folds as well.
 */
#include "config.h"

#include "model/weft-spans-private.h"
#include "test-support.h"

#include <stdatomic.h>

typedef struct
{
  WeftSpans *spans;
  GArray *all; /* WeftSpan */
  int64_t at_ns;
} Twin;

static void
begin (Twin *twin)
{
  twin->spans = weft_spans_new ();
  twin->all = g_array_new (FALSE, FALSE, sizeof (WeftSpan));
  twin->at_ns = g_test_rand_int_range (-1000, 1000);
}

static void
clear (Twin *twin)
{
  weft_spans_free (twin->spans);
  g_array_unref (twin->all);
}

static int64_t
random_length (void)
{
  if (g_test_rand_int_range (0, 8) == 0)
    return 0;
  return g_test_rand_int_range (1, 1 << g_test_rand_int_range (1, 24));
}

static uint8_t
random_kind (void)
{
  static const uint8_t kinds[] = { WEFT_RECORD_SPILL_WRITE, WEFT_RECORD_SPILL_READ,
                                   WEFT_RECORD_PAUSED,      WEFT_RECORD_MEMORY_PAUSED,
                                   WEFT_RECORD_PARKED,      WEFT_RECORD_STEAL_MISS,
                                   WEFT_RECORD_ANNOTATION,  WEFT_RECORD_RECORDER_WAIT };

  if (g_test_rand_int_range (0, 3) > 0)
    return WEFT_RECORD_TASK;
  return kinds[g_test_rand_int_range (0, G_N_ELEMENTS (kinds))];
}

/* The next span of a worker's lane: behind the last, with or without a gap. */
static WeftSpan
next_span (Twin *twin)
{
  WeftSpan span = { .kind = random_kind (), .task = WEFT_NONE, .group = WEFT_NO_GROUP };

  twin->at_ns += g_test_rand_bit () ? random_length () : 0;
  span.start_ns = twin->at_ns;
  twin->at_ns += random_length ();
  span.end_ns = twin->at_ns;
  span.amount = (uint64_t) g_test_rand_int ();
  if (span.kind != WEFT_RECORD_TASK)
    return span;
  span.task = (uint32_t) twin->all->len;
  span.group = (uint16_t) g_test_rand_int_range (0, 12);
  span.how = (uint8_t) (g_test_rand_int_range (0, 6) << 4 | g_test_rand_int_range (0, 5));
  return span;
}

static void
append (Twin *twin, const WeftSpan *span)
{
  weft_spans_append (twin->spans, span);
  g_array_append_val (twin->all, *span);
}

static const WeftSpan *
span_of (const Twin *twin, uint64_t index)
{
  return &g_array_index (twin->all, WeftSpan, index);
}

/* Spans one deeper than the next are written before it, as they end first. */
static void
append_random (Twin *twin, uint64_t n)
{
  while (n-- > 0)
    {
      WeftSpan span = next_span (twin);

      if (span.kind == WEFT_RECORD_TASK && g_test_rand_int_range (0, 5) == 0)
        {
          WeftSpan inner = span;

          inner.kind = WEFT_RECORD_BLOCKED;
          inner.depth = 1;
          inner.end_ns = inner.start_ns + (span.end_ns - span.start_ns) / 2;
          append (twin, &inner);
        }
      append (twin, &span);
    }
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static WeftSpanNode
fold (const Twin *twin, uint64_t first, uint64_t n)
{
  WeftSpanNode node = { .start_ns = INT64_MAX, .end_ns = INT64_MIN, .group = WEFT_NO_GROUP };

  for (uint64_t i = first; i < first + n; i++)
    {
      const WeftSpan *span = span_of (twin, i);
      int64_t ns = span->end_ns - span->start_ns;

      node.start_ns = MIN (node.start_ns, span->start_ns);
      node.end_ns = MAX (node.end_ns, span->end_ns);
      node.content |= weft_spans_content (span);
      if (span->kind != WEFT_RECORD_TASK || span->depth > 0)
        continue;
      node.busy_ns += ns;
      node.n_tasks++;
      if (span->group != WEFT_NO_GROUP && (node.group == WEFT_NO_GROUP || ns > node.longest_ns))
        {
          node.longest_ns = ns;
          node.group = span->group;
        }
    }
  return node;
}

static void
assert_same (const WeftSpanNode *node, const WeftSpanNode *expected)
{
  g_assert_cmpint (node->start_ns, ==, expected->start_ns);
  g_assert_cmpint (node->end_ns, ==, expected->end_ns);
  g_assert_cmpint (node->busy_ns, ==, expected->busy_ns);
  g_assert_cmpint (node->longest_ns, ==, expected->longest_ns);
  g_assert_cmpuint (node->group, ==, expected->group);
  g_assert_cmphex (node->content, ==, expected->content);
  g_assert_cmpuint (node->n_tasks, ==, expected->n_tasks);
}

static void
check_node (const Twin *twin, unsigned level, uint64_t index, uint64_t fan)
{
  WeftSpanNode expected = fold (twin, index * fan, fan);
  WeftSpanNode node = weft_spans_node (twin->spans, level, index);

  assert_same (&node, &expected);
}

static void
check_nodes (const Twin *twin)
{
  uint64_t fan = 1;

  for (unsigned level = 0; level < WEFT_SPANS_MAX_LEVELS; level++)
    {
      uint64_t n = weft_spans_n_nodes (twin->all->len, level);

      fan *= WEFT_SPANS_FAN;
      g_assert_cmpuint (n, ==, twin->all->len / fan);
      for (uint64_t i = 0; i < n; i++)
        check_node (twin, level, i, fan);
    }
}

static void
test_nodes (void)
{
  static const uint64_t sizes[] = { 0, 1, 7, 8, 9, 63, 64, 65, 511, 512, 4095, 4096, 5000, 40000 };

  for (unsigned i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      Twin twin;

      begin (&twin);
      append_random (&twin, sizes[i]);
      g_assert_cmpuint (weft_spans_n (twin.spans), ==, twin.all->len);
      for (uint64_t k = 0; k < twin.all->len; k++)
        g_assert_cmpmem (weft_spans_get (twin.spans, k), sizeof (WeftSpan), span_of (&twin, k),
                         sizeof (WeftSpan));
      check_nodes (&twin);
      clear (&twin);
    }
}

/* Places and nodes stay where and as they are while more come. */
static void
test_nothing_moves (void)
{
  const WeftNodeRun *run;
  const WeftSpan *span;
  WeftNodeRun before;
  uint64_t n;
  Twin twin;

  begin (&twin);
  append_random (&twin, 512);
  span = weft_spans_get (twin.spans, 3);
  run = weft_spans_run (twin.spans, 1, 0, &n);
  before = *run;
  append_random (&twin, 10000);
  g_assert_true (span == weft_spans_get (twin.spans, 3));
  g_assert_true (run == weft_spans_run (twin.spans, 1, 0, &n));
  g_assert_cmpmem (run, sizeof *run, &before, sizeof before);
  clear (&twin);
}

/* Runs of a level lie one behind the other for as long as is said, and begin on a cache line. */
static void
test_runs (void)
{
  Twin twin;

  begin (&twin);
  append_random (&twin, 20000);
  for (unsigned level = 0; level < 4; level++)
    for (uint64_t i = 0, all = weft_spans_n_nodes (twin.all->len, level); i * WEFT_SPANS_FAN < all;)
      {
        uint64_t n;
        const WeftNodeRun *runs = weft_spans_run (twin.spans, level, i, &n);

        g_assert_cmpuint (n, >, 0);
        g_assert_cmpuint ((uintptr_t) runs % WEFT_CACHE_LINE, ==, 0);
        for (uint64_t k = 0; k < n * WEFT_SPANS_FAN && i * WEFT_SPANS_FAN + k < all; k++)
          {
            WeftSpanNode node =
                weft_node_run_get (&runs[k / WEFT_SPANS_FAN], level, k % WEFT_SPANS_FAN);
            WeftSpanNode expected = weft_spans_node (twin.spans, level, i * WEFT_SPANS_FAN + k);

            assert_same (&node, &expected);
          }
        i += n;
      }
  clear (&twin);
}

/* ---- hints ----------------------------------------------------------------------------------- */

static unsigned
double_unit (const WeftSpanNode *node, int64_t at_ns)
{
  unsigned shift = weft_spans_unit_shift ((uint32_t) (node->end_ns - node->start_ns));

  return (unsigned) ((uint64_t) (at_ns - node->start_ns) >> (shift + 1));
}

static void
check_rare (const WeftSpanNode *node, WeftSpansHint hint, const WeftSpan *span)
{
  int64_t last_ns = MAX (span->start_ns, span->end_ns - 1);

  if ((weft_spans_content (span) & WEFT_SPANS_RARE) == 0)
    return;
  for (unsigned i = double_unit (node, span->start_ns); i <= double_unit (node, last_ns); i++)
    g_assert_cmpuint (hint.rare >> i & 1, ==, 1);
}

static void
check_hint (const Twin *twin, const WeftSpanNode *node, WeftSpansHint hint, uint64_t first,
            uint64_t n)
{
  unsigned shift = weft_spans_unit_shift ((uint32_t) (node->end_ns - node->start_ns));
  int64_t others_ns = weft_spans_others_ns (node->longest_ns, hint);
  bool found = false;

  for (uint64_t i = first; i < first + n; i++)
    {
      const WeftSpan *span = span_of (twin, i);
      int64_t ns = span->end_ns - span->start_ns;

      check_rare (node, hint, span);
      if (span->kind != WEFT_RECORD_TASK || span->depth > 0 || span->group == WEFT_NO_GROUP)
        continue;
      if (!found && ns == node->longest_ns)
        g_assert_cmpint ((span->start_ns - node->start_ns) >> shift, ==, hint.at);
      else
        g_assert_cmpint (ns, <=, others_ns);
      found |= ns == node->longest_ns;
    }
}

/* Where the longest and what is rare is, of nodes of all levels that fit. */
static void
test_hints (void)
{
  unsigned n_hints = 0, n_leads = 0;
  Twin twin;

  begin (&twin);
  append_random (&twin, 20000);
  for (unsigned level = 0; level < 4; level++)
    for (uint64_t i = 0; i < weft_spans_n_nodes (twin.all->len, level); i++)
      {
        uint64_t n;
        const WeftNodeRun *run = weft_spans_run (twin.spans, level, i / WEFT_SPANS_FAN, &n);
        WeftSpansHint hint = run->hint[i % WEFT_SPANS_FAN];
        WeftSpanNode node = weft_spans_node (twin.spans, level, i);

        if (run->extent_ns[i % WEFT_SPANS_FAN] == WEFT_SPANS_UNPACKED)
          continue;
        n = weft_spans_covered (level);
        check_hint (&twin, &node, hint, i * n, n);
        n_hints++;
        n_leads += hint.lead != WEFT_SPANS_NO_LEAD;
      }
  g_assert_cmpuint (n_hints, >, 2500);
  g_assert_cmpuint (n_leads, >, n_hints / 2);
  clear (&twin);
}

/* ---- what does not fit ----------------------------------------------------------------------- */

static WeftSpan
task_of (int64_t start_ns, int64_t ns, uint16_t group)
{
  return (WeftSpan){
    .start_ns = start_ns, .end_ns = start_ns + ns, .group = group, .kind = WEFT_RECORD_TASK
  };
}

static bool
is_packed (const Twin *twin, unsigned level)
{
  uint64_t n;

  return weft_spans_run (twin->spans, level, 0, &n)->extent_ns[0] != WEFT_SPANS_UNPACKED;
}

/* One node of tasks of 1 ns and a last one, which ends at end_ns. */
static void
check_extent (int64_t start_ns, int64_t end_ns, int64_t last_ns, bool fits)
{
  Twin twin;

  begin (&twin);
  for (int i = 0; i < WEFT_SPANS_FAN; i++)
    {
      WeftSpan span = i < WEFT_SPANS_FAN - 1 ? task_of (start_ns + i, 1, 3)
                                             : task_of (end_ns - last_ns, last_ns, 4);

      append (&twin, &span);
    }
  check_nodes (&twin);
  g_assert_cmpint (is_packed (&twin, 0), ==, fits);
  clear (&twin);
}

/* Extent, longest and busy time about 2^32 ns, and starts far beyond it and before the run's. */
static void
test_long_times (void)
{
  static const int64_t starts[] = { 0, -5000, INT64_C (1) << 33, INT64_C (1) << 60 };
  const int64_t most = INT64_C (1) << 32;

  for (unsigned i = 0; i < G_N_ELEMENTS (starts); i++)
    for (int64_t about = most - 10; about < most + 10; about++)
      {
        check_extent (starts[i], starts[i] + about, 1, about < most - 1);
        check_extent (starts[i], starts[i] + about, about - 8, about < most - 1);
        check_extent (starts[i], starts[i] + 100 * about, 99 * about, false);
      }
}

/* Spans that overlap are busier than they are long: only the sum does not fit. */
static void
test_overlaps (void)
{
  static const int64_t lengths[] = { INT64_C (0x1fffffff), INT64_C (0x20000000) };

  for (unsigned i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      Twin twin;

      begin (&twin);
      for (int k = 0; k < 64 * WEFT_SPANS_FAN; k++)
        {
          WeftSpan span = task_of (1000 - k, lengths[i] + k % 7 - 6, (uint16_t) (k % 5));

          append (&twin, &span);
        }
      g_assert_false (weft_spans_is_ordered (twin.spans));
      check_nodes (&twin);
      g_assert_true (is_packed (&twin, 0));
      g_assert_false (is_packed (&twin, 1));
      clear (&twin);
    }
}

/* Level 2 has room for 127 spans that are no tasks of depth 0, of 512. */
static void
test_few_tasks (void)
{
  for (unsigned n_others = 120; n_others <= 512; n_others += n_others < 135 ? 1 : 100)
    {
      Twin twin;

      begin (&twin);
      for (unsigned i = 0; i < 512; i++)
        {
          WeftSpan span = task_of (i * 10, 5, 2);

          span.depth = i % 2;
          span.kind = i < n_others && !span.depth ? WEFT_RECORD_PARKED : WEFT_RECORD_TASK;
          span.depth = i < n_others ? span.depth : 0;
          append (&twin, &span);
        }
      check_nodes (&twin);
      g_assert_true (is_packed (&twin, 0));
      g_assert_true (is_packed (&twin, 1));
      g_assert_cmpint (is_packed (&twin, 2), ==, n_others <= 127);
      clear (&twin);
    }
}

/* Tasks of no group are busy, and none of them is the longest; one of no time is, if it has one. */
static void
test_no_groups (void)
{
  for (unsigned where = 0; where <= 512; where++)
    {
      Twin twin;
      WeftSpanNode node;

      begin (&twin);
      for (unsigned i = 0; i < 512; i++)
        {
          WeftSpan span = task_of (i * 10, i == where ? 0 : 10, i == where ? 7 : WEFT_NO_GROUP);

          append (&twin, &span);
        }
      check_nodes (&twin);
      node = weft_spans_node (twin.spans, 2, 0);
      g_assert_cmpuint (node.group, ==, where < 512 ? 7 : WEFT_NO_GROUP);
      g_assert_cmpint (node.longest_ns, ==, 0);
      g_assert_cmpuint (node.n_tasks, ==, 512);
      clear (&twin);
    }
}

/* Every bit there is, alone, in a node of tasks. */
static void
test_all_content_fits (void)
{
  for (unsigned kind = 0; kind <= UINT8_MAX; kind++)
    for (unsigned outcome = 0; outcome < 8; outcome++)
      {
        Twin twin;

        begin (&twin);
        for (int i = 0; i < WEFT_SPANS_FAN; i++)
          {
            WeftSpan span = task_of (i * 10, 5, 1);

            span.kind = i == 3 ? (uint8_t) kind : WEFT_RECORD_TASK;
            span.how = (uint8_t) (outcome << 4);
            append (&twin, &span);
          }
        check_nodes (&twin);
        g_assert_true (is_packed (&twin, 0));
        clear (&twin);
      }
}

/* Several take their memory from one place, a piece each in turn. */
static void
test_side_by_side (void)
{
  WeftArena *arena = _weft_arena_new ();
  Twin twins[5];

  for (unsigned i = 0; i < G_N_ELEMENTS (twins); i++)
    {
      begin (&twins[i]);
      weft_spans_free (twins[i].spans);
      twins[i].spans = _weft_spans_new_in (arena);
    }
  for (unsigned round = 0; round < 200; round++)
    append_random (&twins[g_test_rand_int_range (0, 5)],
                   (uint64_t) g_test_rand_int_range (0, 1000));
  for (unsigned i = 0; i < G_N_ELEMENTS (twins); i++)
    {
      for (uint64_t k = 0; k < twins[i].all->len; k++)
        g_assert_cmpmem (weft_spans_get (twins[i].spans, k), sizeof (WeftSpan),
                         span_of (&twins[i], k), sizeof (WeftSpan));
      check_nodes (&twins[i]);
      clear (&twins[i]);
    }
  _weft_arena_free (arena);
}

/* However a range is cut, longest and sum are the same: of all levels, for random ranges. */
static void
test_cuts (void)
{
  Twin twin;

  begin (&twin);
  append_random (&twin, 3000);
  for (unsigned round = 0; round < 500; round++)
    {
      uint64_t first = (uint64_t) g_test_rand_int_range (0, (int) twin.all->len);
      uint64_t n = (uint64_t) g_test_rand_int_range (0, (int) (twin.all->len - first));
      WeftSpanNode expected = fold (&twin, first, n);
      int64_t busy_ns = 0, longest_ns = 0;
      uint16_t content = 0;

      for (uint64_t i = first, end = first + n; i < end;)
        {
          unsigned level = 0;
          uint64_t fan = 1;
          WeftSpanNode part;

          while (level < WEFT_SPANS_MAX_LEVELS && i % (fan * WEFT_SPANS_FAN) == 0
                 && i + fan * WEFT_SPANS_FAN <= end)
            {
              fan *= WEFT_SPANS_FAN;
              level++;
            }
          part = level == 0 ? fold (&twin, i, 1) : weft_spans_node (twin.spans, level - 1, i / fan);
          busy_ns += part.busy_ns;
          longest_ns = MAX (longest_ns, part.longest_ns);
          content |= part.content;
          i += fan;
        }
      g_assert_cmpint (busy_ns, ==, expected.busy_ns);
      g_assert_cmpint (longest_ns, ==, expected.longest_ns);
      g_assert_cmphex (content, ==, expected.content);
    }
  clear (&twin);
}

/* ---- finding --------------------------------------------------------------------------------- */

static uint64_t
find_slowly (const Twin *twin, uint64_t n, int64_t at_ns)
{
  uint64_t i = 0;

  while (i < n && span_of (twin, i)->end_ns <= at_ns)
    i++;
  return i;
}

static void
test_find (void)
{
  Twin twin;

  begin (&twin);
  g_assert_cmpuint (weft_spans_find (twin.spans, 0, 0), ==, 0);
  append_random (&twin, 2000);
  g_assert_true (weft_spans_is_ordered (twin.spans));
  for (unsigned round = 0; round < 3000; round++)
    {
      uint64_t n = (uint64_t) g_test_rand_int_range (0, (int) twin.all->len + 1);
      const WeftSpan *near = span_of (&twin, (uint64_t) g_test_rand_int_range (0, 2000));
      int64_t at_ns =
          (g_test_rand_bit () ? near->start_ns : near->end_ns) + g_test_rand_int_range (-1, 2);

      g_assert_cmpuint (weft_spans_find (twin.spans, n, at_ns), ==, find_slowly (&twin, n, at_ns));
    }
  clear (&twin);
}

static void
assert_disorder (int64_t start_ns, int64_t end_ns, uint8_t depth, bool ordered)
{
  WeftSpan first = { .start_ns = 10, .end_ns = 20 };
  WeftSpan second = { .start_ns = start_ns, .end_ns = end_ns, .depth = depth };
  WeftSpans *spans = weft_spans_new ();

  weft_spans_append (spans, &first);
  weft_spans_append (spans, &second);
  g_assert_cmpint (weft_spans_is_ordered (spans), ==, ordered);
  weft_spans_free (spans);
}

static void
test_order (void)
{
  assert_disorder (20, 20, 0, true);
  assert_disorder (20, 30, 0, true);
  assert_disorder (19, 30, 0, false); /* overlaps */
  assert_disorder (19, 30, 1, true);  /* at another depth it may */
  assert_disorder (5, 20, 1, true);
  assert_disorder (5, 19, 1, false); /* ends too early */
}

/* ---- content --------------------------------------------------------------------------------- */

static uint16_t
content (uint8_t kind, WeftOutcome outcome)
{
  WeftSpan span = { .kind = kind, .how = (uint8_t) (outcome << 4 | WEFT_HOW_STOLEN) };

  return weft_spans_content (&span);
}

static void
test_content (void)
{
  uint16_t error = WEFT_SPANS_HAS_TASK | WEFT_SPANS_HAS_ERROR;

  g_assert_cmphex (content (WEFT_RECORD_TASK, WEFT_OUTCOME_OK), ==, WEFT_SPANS_HAS_TASK);
  g_assert_cmphex (content (WEFT_RECORD_TASK, WEFT_OUTCOME_REPLACED), ==, WEFT_SPANS_HAS_TASK);
  g_assert_cmphex (content (WEFT_RECORD_TASK, WEFT_OUTCOME_RETRIED), ==,
                   WEFT_SPANS_HAS_TASK | WEFT_SPANS_HAS_RETRY);
  g_assert_cmphex (content (WEFT_RECORD_TASK, WEFT_OUTCOME_FAILED), ==, error);
  g_assert_cmphex (content (WEFT_RECORD_TASK, WEFT_OUTCOME_TIMED_OUT), ==, error);
  g_assert_cmphex (content (WEFT_RECORD_TASK, WEFT_OUTCOME_CANCELLED), ==, error);
  g_assert_cmphex (content (WEFT_RECORD_TIMED_OUT, 0), ==, error);
  g_assert_cmphex (content (WEFT_RECORD_SPILL_READ, 0), ==, WEFT_SPANS_HAS_SPILL);
  g_assert_cmphex (content (WEFT_RECORD_SPILL_WRITE, 0), ==, WEFT_SPANS_HAS_SPILL);
  g_assert_cmphex (content (WEFT_RECORD_MEMORY_PAUSED, 0), ==, WEFT_SPANS_HAS_PAUSE);
  g_assert_cmphex (content (WEFT_RECORD_STEAL_MISS, 0), ==, WEFT_SPANS_HAS_PARKED);
  g_assert_cmphex (content (WEFT_RECORD_BLOCKED, 0), ==, WEFT_SPANS_HAS_OTHER);
}

/* ---- readers beside the writer --------------------------------------------------------------- */

static WeftSpans *shared;
static _Atomic bool is_written;

/* What the n-th span is follows from n, so a reader can tell whether it sees the whole of it. Of
 * these lengths nodes of the upper levels do not fit when they are packed. */
#define NUMBERED_NS (INT64_C (1) << 26)

static WeftSpan
numbered (uint64_t n)
{
  return (WeftSpan){ .start_ns = (int64_t) n * NUMBERED_NS,
                     .end_ns = (int64_t) n * NUMBERED_NS + 1 + (int64_t) (n % 9),
                     .task = (uint32_t) n,
                     .group = (uint16_t) (n % 100),
                     .kind = WEFT_RECORD_TASK };
}

static void
look (uint64_t n)
{
  uint64_t fan = 1;
  uint64_t index = weft_spans_find (shared, n, (int64_t) (n - 1) * NUMBERED_NS);

  g_assert_cmpuint (index, ==, n - 1);
  g_assert_cmpuint (weft_spans_get (shared, index)->task, ==, n - 1);
  for (unsigned level = 0; level < WEFT_SPANS_MAX_LEVELS; level++)
    {
      uint64_t n_nodes = weft_spans_n_nodes (n, level);
      WeftSpanNode node;

      fan *= WEFT_SPANS_FAN;
      if (n_nodes == 0)
        return;
      node = weft_spans_node (shared, level, n_nodes - 1);
      g_assert_cmpint (node.start_ns, ==, numbered ((n_nodes - 1) * fan).start_ns);
      g_assert_cmpint (node.end_ns, ==, numbered (n_nodes * fan - 1).end_ns);
      g_assert_cmpuint (node.n_tasks, ==, fan);
    }
}

static void *
read_beside (void *data G_GNUC_UNUSED)
{
  uint64_t n = 0;
  bool last;

  do
    {
      uint64_t more;

      last = atomic_load (&is_written);
      more = weft_spans_n (shared);
      g_assert_cmpuint (more, >=, n);
      n = more;
      if (n > 0)
        look (n);
    }
  while (!last);
  return NULL;
}

static void
test_readers (void)
{
  uint64_t n = 300000 / test_slowdown ();
  GThread *readers[2];

  shared = weft_spans_new ();
  atomic_store (&is_written, false);
  for (unsigned i = 0; i < G_N_ELEMENTS (readers); i++)
    readers[i] = g_thread_new ("reader", read_beside, NULL);
  for (uint64_t i = 0; i < n; i++)
    {
      WeftSpan span = numbered (i);

      weft_spans_append (shared, &span);
    }
  atomic_store (&is_written, true);
  for (unsigned i = 0; i < G_N_ELEMENTS (readers); i++)
    g_thread_join (readers[i]);
  g_assert_cmpuint (weft_spans_n (shared), ==, n);
  weft_spans_free (shared);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("model", "spans", "nodes-are-folds-of-their-spans", test_nodes);
  test_add ("model", "spans", "nothing-moves", test_nothing_moves);
  test_add ("model", "spans", "nodes-lie-in-runs", test_runs);
  test_add ("model", "spans", "hints-hold", test_hints);
  test_add ("model", "spans", "long-times", test_long_times);
  test_add ("model", "spans", "spans-that-overlap", test_overlaps);
  test_add ("model", "spans", "few-tasks", test_few_tasks);
  test_add ("model", "spans", "tasks-without-group", test_no_groups);
  test_add ("model", "spans", "all-content-fits", test_all_content_fits);
  test_add ("model", "spans", "side-by-side", test_side_by_side);
  test_add ("model", "spans", "cuts-make-no-difference", test_cuts);
  test_add ("model", "spans", "find-by-time", test_find);
  test_add ("model", "spans", "order-is-known", test_order);
  test_add ("model", "spans", "content-by-kind", test_content);
  test_add ("model", "spans", "readers-beside-the-writer", test_readers);
  return g_test_run ();
}
