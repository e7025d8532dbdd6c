/* test-client.c: what a program says of its tasks is what the other side hears
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/client-fixture.h"

#define N_THREADS 4

/* ---- spans ----------------------------------------------------------------------------------- */

typedef struct
{
  WeftClient *client;
  uint32_t outer, inner;
  uint32_t n;
} Work;

/* Each outer task has two within it. */
static void *
work_main (void *data)
{
  const Work *work = data;

  for (uint32_t i = 0; i < work->n; i++)
    {
      WeftClientSpan outer = weft_client_begin (work->client, work->outer);

      for (uint32_t k = 0; k < 2; k++)
        weft_client_end (work->client, weft_client_begin (work->client, work->inner), i);
      weft_client_end (work->client, outer, 3 * i);
      if (i % 1000 == 0)
        g_assert_true (weft_client_flush (work->client));
    }
  return NULL;
}

static void
run_threads (const Work *work)
{
  pthread_t threads[N_THREADS];

  for (int i = 0; i < N_THREADS; i++)
    g_assert_cmpint (pthread_create (&threads[i], NULL, work_main, (void *) work), ==, 0);
  for (int i = 0; i < N_THREADS; i++)
    pthread_join (threads[i], NULL);
}

/* Spans of a depth follow one another, and those of depth 1 lie within one of depth 0. */
static void
assert_nested (const Peer *peer, uint32_t lane, uint64_t from, uint64_t to)
{
  uint64_t last[2] = { from, from }, inner_start = UINT64_MAX, n = 0;

  for (guint i = 0; i < peer->records->len; i++)
    {
      const PeerRecord *heard = &g_array_index (peer->records, PeerRecord, i);
      uint64_t start = heard->record.start, end = weft_record_end (&heard->record);

      if (heard->lane != lane || is_running (heard))
        continue;
      n++;
      g_assert_cmpuint (heard->record.depth, <=, 1);
      g_assert_cmpuint (start, >=, last[heard->record.depth]);
      g_assert_cmpuint (end, >=, start);
      last[heard->record.depth] = end;
      if (heard->record.depth == 1)
        inner_start = MIN (inner_start, start);
      else
        {
          g_assert_cmpuint (start, <=, inner_start);
          g_assert_cmpuint (last[1], <=, end);
          inner_start = UINT64_MAX;
        }
    }
  g_assert_cmpuint (n, >, 0);
  g_assert_cmpuint (MAX (last[0], last[1]), <=, to);
}

/* group-0 to group-(n - 1), each once. */
static void
assert_keys (const Peer *peer, const char *group, uint32_t n)
{
  g_autofree uint8_t *seen = g_new0 (uint8_t, n);
  size_t n_chars = strlen (group);

  for (guint i = 0; i < peer->keys->len; i++)
    {
      const char *key = peer->keys->pdata[i];
      guint64 number;

      if (strncmp (key, group, n_chars) != 0 || key[n_chars] != '-')
        continue;
      g_assert_true (g_ascii_string_to_unsigned (key + n_chars + 1, 10, 0, n - 1, &number, NULL));
      g_assert_cmpuint (seen[number]++, ==, 0);
    }
  for (uint32_t i = 0; i < n; i++)
    g_assert_cmpuint (seen[i], ==, 1);
}

static uint64_t
sum_of_bytes (const Peer *peer, const char *group)
{
  uint64_t sum = 0;

  for (guint i = 0; i < peer->records->len; i++)
    {
      const PeerRecord *heard = &g_array_index (peer->records, PeerRecord, i);

      if (!is_running (heard) && g_str_has_prefix (key_of (peer, heard), group))
        sum += weft_record_amount (&heard->record);
    }
  return sum;
}

static void
threads (void)
{
  const uint64_t slack_ns = 100000; /* of the clocks, which are compared for some ms only */
  uint32_t n = 5000 / test_slowdown ();
  g_autoptr (Peer) peer = peer_new (PEER_WELL);
  WeftClient *client = open_client (peer);
  Work work = { client, weft_client_group (client, "outer"), weft_client_group (client, "inner"),
                n };
  uint64_t from = now_ns ();

  g_assert_cmpuint (weft_client_group (client, "outer"), ==, work.outer);
  run_threads (&work);
  weft_client_close (client, WEFT_CLIENT_DONE);
  peer_stop (peer);
  g_assert_cmpuint (weft_client_dropped (client), ==, 0);
  g_assert_cmpuint (n_spans (peer), ==, N_THREADS * 3 * n);
  assert_keys (peer, "outer", N_THREADS * n);
  assert_keys (peer, "inner", N_THREADS * 2 * n);
  g_assert_cmpuint (sum_of_bytes (peer, "outer"), ==, N_THREADS * 3ull * n * (n - 1) / 2);
  g_assert_cmpuint (sum_of_bytes (peer, "inner"), ==, N_THREADS * 1ull * n * (n - 1));
  g_assert_cmpuint (peer->lanes->len, >=, 3);
  g_assert_cmpuint (peer->lanes->len, <=, 2 + N_THREADS);
  for (uint32_t lane = 2; lane < peer->lanes->len; lane++)
    assert_nested (peer, lane, from - slack_ns, now_ns () + slack_ns);
}

/* Of a process: its lane, and below it those of its threads by name. */
static void
lanes (void)
{
  g_autoptr (Peer) peer = peer_new (PEER_WELL);
  WeftClient *client = open_client (peer);
  uint32_t group = weft_client_group (client, "step");
  const PeerLane *process, *thread;
  g_autofree char *source = NULL;

  weft_client_name_thread (client, "io");
  weft_client_end (client, weft_client_begin (client, group), 0);
  weft_client_close (client, WEFT_CLIENT_FAILED);
  peer_stop (peer);
  g_assert_cmpuint (peer->lanes->len, ==, 3);
  process = peer->lanes->pdata[lane_named (peer, "rank 3")];
  g_assert_cmpuint (process->head.kind, ==, WEFT_LANE_PROCESS);
  g_assert_cmpuint (process->head.parent_lane, ==, WEFT_NONE);
  g_assert_cmpuint (process->head.pid, ==, getpid ());
  thread = peer->lanes->pdata[lane_named (peer, "io")];
  g_assert_cmpuint (thread->head.kind, ==, WEFT_LANE_THREAD);
  g_assert_cmpuint (thread->head.parent_lane, ==, process->head.lane);
  g_assert_cmpuint (thread->head.os_thread, ==, getpid ()); /* the first thread's number */
  g_assert_cmpuint (find_span (peer, "step-0")->lane, ==, thread->head.lane);
  source = peer_member (peer->report, "source");
  g_assert_cmpstr (source, ==, "\"client\"");
  g_assert_nonnull (strstr (peer->report, "\"simulation\""));
  g_assert_nonnull (strstr (peer->greeting, "\"simulation\""));
  g_assert_nonnull (strstr (peer->finish, "\"failed\""));
}

static void *
one_span_main (void *data)
{
  const Work *work = data;

  weft_client_end (work->client, weft_client_begin (work->client, work->outer), 0);
  return NULL;
}

/* A thread that is gone leaves its lane to the next one. */
static void
short_threads (void)
{
  g_autoptr (Peer) peer = peer_new (PEER_WELL);
  WeftClient *client = open_client (peer);
  Work work = { .client = client, .outer = weft_client_group (client, "short") };

  for (int i = 0; i < 100; i++)
    {
      pthread_t thread;

      g_assert_cmpint (pthread_create (&thread, NULL, one_span_main, &work), ==, 0);
      pthread_join (thread, NULL);
      g_assert_true (weft_client_flush (client));
    }
  weft_client_close (client, WEFT_CLIENT_DONE);
  peer_stop (peer);
  assert_keys (peer, "short", 100);
  g_assert_cmpuint (n_spans (peer), ==, 100);
  g_assert_cmpuint (peer->lanes->len, <=, 5);
}

/* Spans that overlap keep the depth they began at, and none is lost. */
static void
overlapping (void)
{
  g_autoptr (Peer) peer = peer_new (PEER_WELL);
  WeftClient *client = open_client (peer);
  WeftClientSpan a = weft_client_begin (client, weft_client_group (client, "a"));
  WeftClientSpan b = weft_client_begin (client, weft_client_group (client, "b")), c;

  weft_client_end (client, a, 1);
  c = weft_client_begin (client, weft_client_group (client, "c"));
  weft_client_end (client, b, 2);
  weft_client_end (client, c, 3);
  weft_client_end (client, c, 4); /* has ended */
  a = weft_client_begin (client, weft_client_group (client, "a"));
  weft_client_end (client, a, 5);
  weft_client_close (client, WEFT_CLIENT_DONE);
  peer_stop (peer);
  g_assert_cmpuint (n_spans (peer), ==, 4);
  g_assert_cmpuint (find_span (peer, "a-0")->record.depth, ==, 0);
  g_assert_cmpuint (find_span (peer, "b-0")->record.depth, ==, 1);
  g_assert_cmpuint (find_span (peer, "c-0")->record.depth, ==, 2);
  g_assert_cmpuint (find_span (peer, "a-1")->record.depth, ==, 0);
  g_assert_cmpuint (weft_client_dropped (client), ==, 1);
}

static void
deep (void)
{
  g_autoptr (Peer) peer = peer_new (PEER_WELL);
  WeftClient *client = open_client (peer);
  uint32_t group = weft_client_group (client, "deep");
  WeftClientSpan spans[WEFT_CLIENT_DEPTH + 10];

  for (size_t i = 0; i < G_N_ELEMENTS (spans); i++)
    spans[i] = weft_client_begin (client, group);
  for (size_t i = G_N_ELEMENTS (spans); i-- > 0;)
    weft_client_end (client, spans[i], 0);
  weft_client_close (client, WEFT_CLIENT_DONE);
  peer_stop (peer);
  g_assert_cmpuint (n_spans (peer), ==, WEFT_CLIENT_DEPTH);
  g_assert_cmpuint (weft_client_dropped (client), ==, 10);
}

/* ---- tasks ----------------------------------------------------------------------------------- */

static bool
has_edge (const Peer *peer, const char *task, const char *input)
{
  for (guint i = 0; i < peer->inputs->len; i += 2)
    if (strcmp (peer->keys->pdata[g_array_index (peer->inputs, uint32_t, i)], task) == 0
        && strcmp (peer->keys->pdata[g_array_index (peer->inputs, uint32_t, i + 1)], input) == 0)
      return true;
  return false;
}

static void
graph (void)
{
  g_autoptr (Peer) peer = peer_new (PEER_WELL);
  WeftClient *client = open_client (peer);
  uint32_t first = weft_client_task (client, "load-1", NULL, 0);
  uint32_t group = weft_client_group (client, "step");
  uint32_t tasks[] = { first, weft_client_task (client, "load-2", NULL, 0), group };
  uint32_t sum, other;

  weft_client_end (client, weft_client_begin (client, group), 0);
  weft_client_end (client, weft_client_begin (client, first), 28);
  g_assert_true (weft_client_flush (client));
  sum = weft_client_task (client, "sum", tasks, 3); /* nothing reads a group's tasks */
  other = weft_client_task (client, "other", &sum, 1);
  g_assert_cmpuint (weft_client_task (client, "load-1", NULL, 0), ==, first);
  weft_client_ready (client, sum);
  weft_client_end (client, weft_client_begin (client, sum), 0);
  weft_client_release (client, first);
  weft_client_cancel (client, other);
  weft_client_close (client, WEFT_CLIENT_DONE);
  peer_stop (peer);

  g_assert_cmpuint (peer->keys->len, ==, 5);
  g_assert_cmpuint (peer->inputs->len, ==, 6);
  g_assert_true (has_edge (peer, "sum", "load-1"));
  g_assert_true (has_edge (peer, "sum", "load-2"));
  g_assert_true (has_edge (peer, "other", "sum"));
  g_assert_cmpuint (weft_record_amount (&find_span (peer, "load-1")->record), ==, 28);
  find_span (peer, "sum");
  for (guint i = 0, n = 0; i < peer->records->len; i++)
    {
      const PeerRecord *heard = &g_array_index (peer->records, PeerRecord, i);
      static const struct
      {
        uint8_t kind;
        const char *key;
      } points[] = { { WEFT_RECORD_READY, "sum" },
                     { WEFT_RECORD_RELEASED, "load-1" },
                     { WEFT_RECORD_CANCELLED, "other" } };

      if (heard->record.kind == WEFT_RECORD_TASK)
        continue;
      g_assert_cmpuint (heard->record.kind, ==, points[n].kind);
      g_assert_cmpstr (key_of (peer, heard), ==, points[n++].key);
      g_assert_cmpuint (heard->lane, ==, 0);
    }
}

static const char *
only_line (const Peer *peer, const char *event)
{
  const char *found = NULL;

  for (guint i = 0; i < peer->lines->len; i++)
    if (g_str_has_prefix (peer->lines->pdata[i], event))
      {
        g_assert_null (found);
        found = peer->lines->pdata[i];
      }
  g_assert_nonnull (found);
  return found;
}

static void
assert_member (const char *object, const char *name, const char *expected)
{
  g_autofree char *found = peer_member (object, name);

  g_assert_cmpstr (found, ==, expected);
}

static void
failures (void)
{
  g_autoptr (Peer) peer = peer_new (PEER_WELL);
  WeftClient *client = open_client (peer);
  uint32_t task = weft_client_task (client, "the \"last\" one", NULL, 0);
  WeftClientSpan span = weft_client_begin (client, task);
  g_autofree char *end = NULL;
  const PeerRecord *heard;
  const char *line;

  weft_client_fail (client, span, "std::bad_alloc", "no memory for “x”\n\xff");
  weft_client_fail (client, weft_client_begin (client, weft_client_group (client, "step")), NULL,
                    NULL);
  weft_client_close (client, WEFT_CLIENT_FAILED);
  peer_stop (peer);
  g_assert_cmpuint (weft_record_outcome (&find_span (peer, "step-0")->record), ==,
                    WEFT_OUTCOME_FAILED);
  heard = find_span (peer, "the \"last\" one");
  g_assert_cmpuint (weft_record_outcome (&heard->record), ==, WEFT_OUTCOME_FAILED);
  line = only_line (peer, "{\"e\": \"fail\", \"k\": \"the ");
  assert_member (line, "k", "\"the \\\"last\\\" one\"");
  assert_member (line, "kind", "\"std::bad_alloc\"");
  assert_member (line, "message", "\"no memory for “x”\\u000a\357\277\275\"");
  end = peer_member (line, "t");
  g_assert_cmpuint (g_ascii_strtoull (end, NULL, 10), ==, weft_record_end (&heard->record));
  assert_member (only_line (peer, "{\"e\": \"fail\", \"k\": \"step-0\""), "kind", NULL);
}

/* Where the server would make another group of the key, it is told of the right one. */
static void
group_names (void)
{
  g_autoptr (Peer) peer = peer_new (PEER_WELL);
  g_autofree char *very_long = g_strnfill (5000, 'g'), *most = g_strnfill (4096, 'g');
  g_autofree char *as_taken = g_strconcat (most, "-0", NULL);
  WeftClient *client = open_client (peer);

  weft_client_end (client, weft_client_begin (client, weft_client_group (client, "plain")), 0);
  weft_client_end (client, weft_client_begin (client, weft_client_group (client, "pass 2 of 3")),
                   0);
  weft_client_end (client, weft_client_begin (client, weft_client_group (client, "")), 0);
  weft_client_end (client, weft_client_begin (client, weft_client_group (client, very_long)), 0);
  weft_client_close (client, WEFT_CLIENT_DONE);
  peer_stop (peer);
  find_span (peer, as_taken);
  find_span (peer, "plain-0");
  find_span (peer, "pass 2 of 3-0");
  find_span (peer, "task-0");
  for (guint i = 0; i < peer->keys->len; i++)
    {
      const char *key = peer->keys->pdata[i];
      g_autofree char *group = g_malloc0 (strlen (key) + WEFT_KEY_SPLIT_ROOM);
      g_autofree char *add = g_strdup_printf ("{\"e\": \"add\", \"k\": \"%s\"", key);
      g_autofree char *name = g_strndup (key, (gsize) (strrchr (key, '-') - key));
      g_autofree char *quoted = g_strdup_printf ("\"%s\"", name);

      weft_key_split (key, strlen (key), group, strlen (key) + WEFT_KEY_SPLIT_ROOM);
      if (strcmp (group, name) != 0)
        assert_member (only_line (peer, add), "group", quoted);
    }
}

static void
memory (void)
{
  g_autoptr (Peer) peer = peer_new (PEER_WELL);
  WeftClient *client = open_client (peer);
  const char *line;

  weft_client_memory (client, WEFT_CLIENT_RESIDENT, 4096);
  weft_client_memory (client, 17, 4096); /* nothing we know */
  weft_client_close (client, WEFT_CLIENT_DONE);
  peer_stop (peer);
  g_assert_cmpuint (peer->lines->len, ==, 1);
  line = only_line (peer, "{\"e\": \"memory\"");
  assert_member (line, "w", "\"rank 3\"");
  assert_member (line, "resident", "4096");
}

/* However long, and whatever bytes it has, it is a line that a server takes. */
static void
annotations (void)
{
  g_autoptr (Peer) peer = peer_new (PEER_WELL);
  WeftClient *client = open_client (peer);
  g_autofree char *very_long = g_malloc0 ((1 << 20) + 1);
  const char *line;

  memset (very_long, 1, 1 << 20);
  weft_client_annotate (client, "\xff quoted \"so\"\n");
  weft_client_annotate (client, NULL);
  weft_client_annotate (client, very_long);
  weft_client_close (client, WEFT_CLIENT_DONE);
  peer_stop (peer);
  g_assert_cmpuint (peer->lines->len, ==, 2);
  line = peer->lines->pdata[0];
  assert_member (line, "message", "\"\xef\xbf\xbd quoted \\\"so\\\"\\u000a\"");
  g_assert_cmpuint (strlen (peer->lines->pdata[1]), <, 1 << 20);
}

/* ---- what runs now --------------------------------------------------------------------------- */

static const PeerRecord *
find_running (const Peer *peer, uint32_t depth)
{
  for (guint i = peer->records->len; i-- > 0;)
    {
      const PeerRecord *heard = &g_array_index (peer->records, PeerRecord, i);

      if (is_running (heard) && heard->record.depth == depth)
        return heard;
    }
  return NULL;
}

static void
running (void)
{
  g_autoptr (Peer) peer = peer_new (PEER_WELL);
  WeftClient *client = open_client (peer);
  WeftClientSpan outer = weft_client_begin (client, weft_client_group (client, "outer"));
  WeftClientSpan inner = weft_client_begin (client, weft_client_group (client, "inner"));
  PeerRecord first, second;

  peer_wait_until (peer, find_running (peer, 1) != NULL);
  pthread_mutex_lock (&peer->lock);
  first = *find_running (peer, 1);
  pthread_mutex_unlock (&peer->lock);
  weft_client_end (client, inner, 0);
  peer_wait_until (peer, find_running (peer, 0) != NULL); /* it is the one that runs again */
  pthread_mutex_lock (&peer->lock);
  second = *find_running (peer, 0);
  pthread_mutex_unlock (&peer->lock);
  weft_client_end (client, outer, 0);
  weft_client_close (client, WEFT_CLIENT_DONE);
  peer_stop (peer);
  g_assert_cmpuint (peer->keys->len, ==, 2);
  g_assert_cmpuint (n_spans (peer), ==, 2);
  g_assert_cmpuint (first.record.start, ==, find_span (peer, "inner-0")->record.start);
  g_assert_cmpuint (first.record.task, ==, find_span (peer, "inner-0")->record.task);
  g_assert_cmpuint (second.record.start, ==, find_span (peer, "outer-0")->record.start);
  g_assert_cmpuint (second.record.task, ==, find_span (peer, "outer-0")->record.task);
}

/* ---- clocks ---------------------------------------------------------------------------------- */

/* A stamp stays the same moment, moments keep their order, and they are those of CLOCK_MONOTONIC.
 * */
static void
clocks (void)
{
  const int64_t slack_ns = 100000;
  WeftClockSource source = weft_clock_source ();
  WeftClientClock clock;
  uint64_t last_ns = 0, first = weft_clock_ticks (source), first_ns;

  _weft_client_clock_init (&clock);
  first_ns = _weft_client_clock_ns (&clock, first);
  for (int64_t from = weft_clock_mono_ns (); weft_clock_mono_ns () < from + 300000000;)
    {
      int64_t before = weft_clock_mono_ns (), after;
      uint64_t ns = _weft_client_clock_ns (&clock, weft_clock_ticks (source));

      after = weft_clock_mono_ns ();
      g_assert_cmpuint (ns, >=, last_ns);
      g_assert_cmpint ((int64_t) ns, >=, before - slack_ns);
      g_assert_cmpint ((int64_t) ns, <=, after + slack_ns);
      last_ns = ns;
      _weft_client_clock_step (&clock);
    }
  g_assert_cmpuint (_weft_client_clock_ns (&clock, first), ==, first_ns);
  if (source == WEFT_CLOCK_TSC)
    g_assert_cmpuint (clock.pieces->len, >, 2);
  _weft_client_clock_clear (&clock);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("server", "client", "spans-of-threads", threads);
  test_add ("server", "client", "lanes", lanes);
  test_add ("server", "client", "threads-that-end", short_threads);
  test_add ("server", "client", "overlapping-spans", overlapping);
  test_add ("server", "client", "deep-spans", deep);
  test_add ("server", "client", "graph", graph);
  test_add ("server", "client", "failures", failures);
  test_add ("server", "client", "group-names", group_names);
  test_add ("server", "client", "memory", memory);
  test_add ("server", "client", "annotations", annotations);
  test_add ("server", "client", "running", running);
  test_add ("server", "client", "clocks", clocks);
  return g_test_run ();
}
