/* test-spans.c: spans and their pyramid against a plain twin
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The twin keeps all spans in one array and folds what a node covers each time it is asked. Spans
 * are drawn at random: tasks and other kinds, nested ones, lengths of many magnitudes and of 0.
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
      if (node.group == WEFT_NO_GROUP || ns > node.longest_ns)
        {
          node.longest_ns = ns;
          node.group = span->group;
        }
    }
  return node;
}

static void
check_node (const Twin *twin, unsigned level, uint64_t index, uint64_t fan)
{
  WeftSpanNode expected = fold (twin, index * fan, fan);
  const WeftSpanNode *node = weft_spans_node (twin->spans, level, index);

  g_assert_cmpint (node->start_ns, ==, expected.start_ns);
  g_assert_cmpint (node->end_ns, ==, expected.end_ns);
  g_assert_cmpint (node->busy_ns, ==, expected.busy_ns);
  g_assert_cmpint (node->longest_ns, ==, expected.longest_ns);
  g_assert_cmpuint (node->group, ==, expected.group);
  g_assert_cmphex (node->content, ==, expected.content);
  g_assert_cmpuint (node->n_tasks, ==, expected.n_tasks);
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
  const WeftSpanNode *node;
  const WeftSpan *span;
  WeftSpanNode before;
  Twin twin;

  begin (&twin);
  append_random (&twin, 100);
  span = weft_spans_get (twin.spans, 3);
  node = weft_spans_node (twin.spans, 1, 0);
  before = *node;
  append_random (&twin, 10000);
  g_assert_true (span == weft_spans_get (twin.spans, 3));
  g_assert_true (node == weft_spans_node (twin.spans, 1, 0));
  g_assert_cmpmem (node, sizeof *node, &before, sizeof before);
  clear (&twin);
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
          part =
              level == 0 ? fold (&twin, i, 1) : *weft_spans_node (twin.spans, level - 1, i / fan);
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

/* What the n-th span is follows from n, so a reader can tell whether it sees the whole of it. */
static WeftSpan
numbered (uint64_t n)
{
  return (WeftSpan){ .start_ns = (int64_t) n * 10,
                     .end_ns = (int64_t) n * 10 + 1 + (int64_t) (n % 9),
                     .task = (uint32_t) n,
                     .group = (uint16_t) (n % 100),
                     .kind = WEFT_RECORD_TASK };
}

static void
look (uint64_t n)
{
  uint64_t fan = 1;
  uint64_t index = weft_spans_find (shared, n, (int64_t) (n - 1) * 10);

  g_assert_cmpuint (index, ==, n - 1);
  g_assert_cmpuint (weft_spans_get (shared, index)->task, ==, n - 1);
  for (unsigned level = 0; level < WEFT_SPANS_MAX_LEVELS; level++)
    {
      uint64_t n_nodes = weft_spans_n_nodes (n, level);
      const WeftSpanNode *node;

      fan *= WEFT_SPANS_FAN;
      if (n_nodes == 0)
        return;
      node = weft_spans_node (shared, level, n_nodes - 1);
      g_assert_cmpint (node->start_ns, ==, (int64_t) ((n_nodes - 1) * fan) * 10);
      g_assert_cmpint (node->end_ns, ==, numbered (n_nodes * fan - 1).end_ns);
      g_assert_cmpuint (node->n_tasks, ==, fan);
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
  test_add ("model", "spans", "side-by-side", test_side_by_side);
  test_add ("model", "spans", "cuts-make-no-difference", test_cuts);
  test_add ("model", "spans", "find-by-time", test_find);
  test_add ("model", "spans", "order-is-known", test_order);
  test_add ("model", "spans", "content-by-kind", test_content);
  test_add ("model", "spans", "readers-beside-the-writer", test_readers);
  return g_test_run ();
}
