/* test-watch.c: who watches a run has what its file has, and costs it nothing
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Runs are reported by packed events, over the socket as well.
 */
#include "config.h"

#include "server/server-fixture.h"

#include "model/model-fixture.h"

#define BY_CLIENT (UINT32_MAX - 1)
#define HEAP_KIB 1024

/* ---- who reports ----------------------------------------------------------------------------- */

typedef struct
{
  Client client;
  char *path;
  uint32_t n_tasks;
  uint64_t clock;
} Reporter;

static void
reporter_message (Reporter *r, uint16_t kind, uint32_t lane, const void *payload, size_t n_bytes)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();

  _weft_wire_append (out, (WeftWireHead){ .kind = kind, .channel = 1, .lane = lane },
                     &(struct iovec){ (void *) payload, n_bytes }, 1);
  client_send (&r->client, out->data, out->len);
}

static void
reporter_open (Reporter *r, const ServerFixture *f)
{
  WeftLaneHead lane = { .lane = 1, .parent_lane = WEFT_NONE };

  *r = (Reporter){ .clock = (uint64_t) weft_clock_mono_ns () };
  client_open_messages (&r->client, f);
  r->path = client_report (&r->client, "");
  reporter_message (r, WEFT_WIRE_LANE, 0, &lane, sizeof lane);
}

static void
reporter_clear (Reporter *r)
{
  client_clear (&r->client);
  g_free (r->path);
}

/* So many tasks more, named and run. */
static void
reporter_run (Reporter *r, uint32_t n)
{
  g_autoptr (GByteArray) tasks = g_byte_array_new ();
  g_autofree WeftRecord *records = g_new (WeftRecord, n);
  uint32_t head[2] = { r->n_tasks, n };

  g_byte_array_append (tasks, (const guint8 *) head, sizeof head);
  for (uint32_t i = 0; i < n; i++)
    {
      g_autofree char *key = g_strdup_printf ("%s-%u", i % 2 ? "odd" : "even", r->n_tasks + i);
      uint32_t n_chars = (uint32_t) strlen (key);

      g_byte_array_append (tasks, (const guint8 *) &n_chars, sizeof n_chars);
      g_byte_array_append (tasks, (const guint8 *) key, n_chars);
      weft_record_set (&records[i], WEFT_RECORD_TASK, 0, WEFT_HOW_FOREIGN, r->n_tasks + i,
                       BY_CLIENT, r->clock, 5, 0);
      r->clock += 10;
    }
  reporter_message (r, WEFT_WIRE_TASKS, 0, tasks->data, tasks->len);
  reporter_message (r, WEFT_WIRE_RECORDS, 1, records, n * sizeof *records);
  r->n_tasks += n;
}

/* Until what was said is in the file: the server has taken it, and 50 ms are over. */
static void
reporter_settle (Reporter *r)
{
  for (;;)
    {
      g_autofree char *heard = NULL;
      g_autofree char *done = g_strdup_printf ("\"done\": %u,", r->n_tasks);

      client_say (&r->client, "{\"id\": 9, \"do\": \"runs\"}");
      heard = client_expect (&r->client, "\"id\": 9", NULL);
      if (strstr (heard, done) != NULL)
        return;
      g_usleep (1000);
    }
}

static void
reporter_finish (Reporter *r)
{
  client_say (&r->client, "{\"id\": 8, \"do\": \"finish\", \"channel\": 1}");
  expect (&r->client, "{\"id\": 8, \"ok\": {\"run\": 1}}");
}

/* ---- who watches ----------------------------------------------------------------------------- */

static void
watch (Client *client, const char *members)
{
  client_say (client, "{\"id\": 1, \"do\": \"watch\", \"run\": 1, %s}", members);
  expect (client, "{\"id\": 1, \"ok\": {\"channel\": 1}}");
}

/* The next frame is that of the file. FALSE: the watching has ended, behind @next frames */
static bool
hear_frame (Client *client, WeftRunFrame **frame, uint64_t *next)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  WeftWireHead head;
  uint64_t prefix[2];

  g_assert_true (hear_message (client, &head, payload));
  if (head.kind == WEFT_WIRE_JSON)
    {
      const char *at = strstr ((const char *) payload->data, "\"end\": true, \"next\": ");

      g_assert_nonnull (at);
      *next = g_ascii_strtoull (at + strlen ("\"end\": true, \"next\": "), NULL, 10);
      return false;
    }
  g_assert_cmpuint (head.channel, ==, 1);
  g_assert_cmpuint (head.n_bytes, >=, sizeof prefix);
  memcpy (prefix, payload->data, sizeof prefix);
  *frame = g_new0 (WeftRunFrame, 1);
  (*frame)->head = (WeftFrameHead){ .kind = head.kind,
                                    .flags = head.flags,
                                    .lane = head.lane,
                                    .sequence = prefix[0],
                                    .watermark = prefix[1],
                                    .n_bytes = head.n_bytes - (uint32_t) sizeof prefix };
  (*frame)->payload = g_memdup2 (payload->data + sizeof prefix, (*frame)->head.n_bytes);
  return true;
}

static void
assert_frames (GPtrArray *heard, const char *path, guint from)
{
  g_autoptr (GPtrArray) expected = read_frames (path);

  g_assert_cmpuint (heard->len, ==, expected->len - from);
  for (guint i = 0; i < heard->len; i++)
    {
      const WeftRunFrame *a = heard->pdata[i], *b = expected->pdata[from + i];

      g_assert_cmpuint (a->head.sequence, ==, b->head.sequence);
      g_assert_cmpuint (a->head.watermark, ==, b->head.watermark);
      g_assert_cmpuint (a->head.kind, ==, b->head.kind);
      g_assert_cmpuint (a->head.flags, ==, b->head.flags);
      g_assert_cmpuint (a->head.lane, ==, b->head.lane);
      g_assert_cmpmem (a->payload, a->head.n_bytes, b->payload, b->head.n_bytes);
    }
}

/* All that comes until the end. */
static GPtrArray *
hear_all (Client *client, uint64_t *next)
{
  GPtrArray *heard = g_ptr_array_new_with_free_func (frame_free);
  WeftRunFrame *frame;

  while (hear_frame (client, &frame, next))
    g_ptr_array_add (heard, frame);
  return heard;
}

static void
assert_watched (Client *client, const char *path, guint from)
{
  uint64_t next = 0;
  g_autoptr (GPtrArray) heard = hear_all (client, &next);

  assert_frames (heard, path, from);
  g_assert_cmpuint (next, ==, from + heard->len);
}

static void
test_frames (ServerFixture *f, const void *unused)
{
  g_auto (Client) early = { 0 }, late = { 0 };
  Reporter r;

  reporter_open (&r, f);
  client_open_messages (&early, f);
  watch (&early, "\"frames\": true");
  for (int i = 0; i < 5; i++)
    {
      reporter_run (&r, 1000);
      reporter_settle (&r);
    }
  reporter_finish (&r);
  assert_watched (&early, r.path, 0);
  client_open_messages (&late, f); /* the run is over */
  watch (&late, "\"frames\": true");
  assert_watched (&late, r.path, 0);
  reporter_clear (&r);
}

static void
test_from_a_cursor (ServerFixture *f, const void *unused)
{
  WeftRunFrame *frame = NULL;
  uint64_t next = 0;
  Reporter r;

  reporter_open (&r, f);
  reporter_run (&r, 1000);
  for (guint from = 0; from < 12; from += 3) /* each goes on where the one before was lost */
    {
      g_auto (Client) client = { 0 };
      g_autofree char *members = g_strdup_printf ("\"frames\": true, \"from\": %u", from);

      client_open_messages (&client, f);
      watch (&client, members);
      for (guint i = from; i < from + 3; i++)
        {
          reporter_run (&r, 10);
          reporter_settle (&r);
          g_assert_true (hear_frame (&client, &frame, &next));
          g_assert_cmpuint (frame->head.sequence, ==, i);
          frame_free (frame);
        }
    }
  reporter_finish (&r);
  for (guint from = 0; from < 12; from += 5)
    {
      g_auto (Client) client = { 0 };
      g_autofree char *members = g_strdup_printf ("\"frames\": true, \"from\": %u", from);

      client_open_messages (&client, f);
      watch (&client, members);
      assert_watched (&client, r.path, from);
    }
  reporter_clear (&r);
}

/* One that begins when all is there already, and has little room. */
static void
test_slow (ServerFixture *f, const void *unused)
{
  g_auto (Client) client = { 0 };
  Reporter r;

  reporter_open (&r, f);
  client_open_messages (&client, f);
  g_assert_cmpint (setsockopt (client.fd, SOL_SOCKET, SO_RCVBUF, &(int){ 4096 }, sizeof (int)), ==,
                   0);
  watch (&client, "\"frames\": true");
  for (int i = 0; i < 40; i++)
    reporter_run (&r, 10000);
  reporter_settle (&r);
  reporter_finish (&r);
  assert_watched (&client, r.path, 0);
  reporter_clear (&r);
}

static uint64_t
resident_kib (void)
{
  g_autofree char *status = NULL;
  const char *at = NULL;

  if (g_file_get_contents ("/proc/self/status", &status, NULL, NULL))
    at = strstr (status, "VmRSS:");
  return at != NULL ? g_ascii_strtoull (at + strlen ("VmRSS:"), NULL, 10) : 0;
}

static double
lag_of (Reporter *r, const char *which)
{
  g_autofree char *heard = NULL;
  double most = 0;

  client_say (&r->client, "{\"id\": 7, \"do\": \"runs\"}");
  heard = client_expect (&r->client, "{\"id\": 7", NULL);
  for (const char *at = heard; (at = strstr (at, which)) != NULL; at += strlen (which))
    most = MAX (most, g_ascii_strtod (at + strlen (which), NULL));
  return most;
}

/* Those that stop for good cost two pieces each, however much comes; and the run ends as ever. */
static void
test_stopped (ServerFixture *f, const void *unused)
{
  Client clients[10];
  uint64_t before_kib, one_kib, n_kib;
  WeftModelSnapshot snapshot;
  WeftModel *model;
  Reporter r;

  reporter_open (&r, f);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      client_open_messages (&clients[i], f);
      watch (&clients[i], "\"frames\": true, \"progress\": false");
    }
  reporter_run (&r, 100000); /* 3 MiB: more than the sockets and pieces take */
  reporter_settle (&r);
  before_kib = resident_kib ();
  for (int i = 0; i < 10; i++)
    reporter_run (&r, 20000);
  reporter_settle (&r);
  one_kib = resident_kib ();
  n_kib = one_kib > before_kib ? one_kib - before_kib : 0;
  g_test_message ("200,000 tasks more: %" G_GUINT64_FORMAT " KiB", n_kib);
  /* The report's own tables of tasks: 24 bytes, a key and its place each, grown by doubling. */
  g_assert_cmpuint (n_kib, <, (32 + 4 * test_slowdown ()) * HEAP_KIB);
  while (lag_of (&r, "\"lag_frames\": ") < 2 || lag_of (&r, "\"lag_seconds\": ") <= 0)
    g_usleep (1000);
  reporter_finish (&r);
  model = model_of_file (r.path);
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpuint (snapshot.n_tasks, ==, 300000);
  weft_model_unref (model);
  assert_watched (&clients[3], r.path, 0); /* it goes on after all */
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    client_clear (&clients[i]);
  reporter_clear (&r);
}

static void
test_vanishing (ServerFixture *f, const void *unused)
{
  g_auto (Client) stays = { 0 };
  Reporter r;

  reporter_open (&r, f);
  client_open_messages (&stays, f);
  watch (&stays, "\"frames\": true");
  for (int i = 0; i < 30; i++)
    {
      g_auto (Client) client = { 0 };
      WeftRunFrame *frame = NULL;
      uint64_t next = 0;

      client_open_messages (&client, f);
      watch (&client, i % 2 ? "\"frames\": true, \"progress\": true" : "\"frames\": true");
      reporter_run (&r, 100);
      for (int k = 0; k < i % 4 && i % 2 == 0; k++)
        {
          g_assert_true (hear_frame (&client, &frame, &next));
          frame_free (frame);
        }
    }
  reporter_settle (&r);
  reporter_finish (&r);
  assert_watched (&stays, r.path, 0);
  reporter_clear (&r);
}

static void
test_two_hundred (ServerFixture *f, const void *unused)
{
  g_autofree Client *clients = g_new0 (Client, 200);
  Reporter r;

  reporter_open (&r, f);
  for (int i = 0; i < 200; i++)
    {
      client_open_messages (&clients[i], f);
      watch (&clients[i], "\"frames\": true");
      if (i % 20 == 0)
        reporter_run (&r, 500);
    }
  reporter_settle (&r);
  reporter_finish (&r);
  for (int i = 0; i < 200; i++)
    {
      assert_watched (&clients[i], r.path, 0);
      client_clear (&clients[i]);
    }
  reporter_clear (&r);
}

/* ---- progress -------------------------------------------------------------------------------- */

static void
test_progress (ServerFixture *f, const void *unused)
{
  g_autofree char *last = NULL;
  g_auto (Client) client = { 0 };
  int64_t begin_ns = weft_clock_mono_ns ();
  uint32_t n_notices = 0;
  Reporter r;

  reporter_open (&r, f);
  client_open (&client, f); /* lines will do */
  watch (&client, "\"progress\": true");
  for (int i = 0; i < 8; i++)
    {
      reporter_run (&r, 50);
      reporter_settle (&r);
    }
  reporter_finish (&r);
  for (;;)
    {
      g_autofree char *heard = client_expect (&client, "{\"channel\": 1, ", NULL);

      if (strstr (heard, "\"end\": true") != NULL)
        break;
      g_assert_nonnull (strstr (heard, "\"run\": {"));
      g_free (last);
      last = g_steal_pointer (&heard);
      n_notices++;
    }
  g_assert_nonnull (strstr (last, "\"phase\": \"done\""));
  g_assert_nonnull (strstr (last, "[\"even\", 200, 200, 0, 0]"));
  g_assert_nonnull (strstr (last, "[\"odd\", 200, 200, 0, 0]"));
  g_assert_nonnull (strstr (last, "\"lag_frames\": 0"));
  /* at most five a second, and one at either end */
  g_assert_cmpint (n_notices, <=, 2 + (weft_clock_mono_ns () - begin_ns) / 200000000);
  reporter_clear (&r);
}

/* Where nothing changes nothing is said. */
static void
test_quiet_progress (ServerFixture *f, const void *unused)
{
  g_auto (Client) client = { 0 };
  g_autofree char *heard = NULL;
  Reporter r;

  reporter_open (&r, f);
  reporter_run (&r, 10);
  reporter_settle (&r);
  client_open (&client, f);
  watch (&client, "\"progress\": true");
  do
    {
      g_free (heard);
      heard = client_expect (&client, "\"groups\"", NULL);
    }
  while (strstr (heard, "[\"odd\", 5, 5, 0, 0]") == NULL);
  g_assert_cmpint (poll (&(struct pollfd){ client.fd, POLLIN, 0 }, 1, 700), <=, 0);
  reporter_run (&r, 10);
  expect (&client, "\"channel\": 1");
  reporter_finish (&r);
  reporter_clear (&r);
}

/* Bytes of workers, their sum, and counters: the newest of each, also of one that has gone. */
static void
test_metrics (ServerFixture *f, const void *unused)
{
  g_auto (Client) client = { 0 };
  g_auto (Client) lines = { 0 };
  g_autofree char *last = NULL;

  client_open (&lines, f);
  g_free (client_report (&lines, ""));
  client_say (&lines, "{\"e\": \"worker\", \"w\": \"a\", \"pid\": 11, \"threads\": 2}");
  client_say (&lines, "{\"e\": \"memory\", \"w\": \"a\", \"t\": 1000, \"managed\": 1}");
  client_say (&lines, "{\"e\": \"memory\", \"w\": \"a\", \"t\": 2000, \"managed\": 4096}");
  client_say (&lines, "{\"e\": \"memory\", \"w\": \"b\", \"t\": 2000, \"managed\": 512}");
  client_say (&lines, "{\"e\": \"count\", \"w\": \"a\", \"name\": \"cpu\", \"unit\": \"cores\", "
                      "\"t\": 2000, \"v\": 1.5}");
  client_say (&lines, "{\"e\": \"count\", \"name\": \"load\", \"t\": 2000, \"v\": 0.25}");
  client_open (&client, f); /* lines will do */
  watch (&client, "\"metrics\": true");
  do
    {
      g_free (last);
      last = client_expect (&client, "\"metrics\": {", NULL);
    }
  while (strstr (last, "\"counters\": {\"load\": 0.25}") == NULL);
  g_assert_null (strstr (last, "\"groups\""));
  g_assert_nonnull (strstr (last, "\"metrics\": {\"managed\": 4608}"));
  g_assert_nonnull (strstr (last, "{\"w\": \"a\", \"pid\": 11, \"threads\": 2, \"managed\": 4096, "
                                  "\"counters\": {\"cpu\": 1.5}}"));
  g_assert_nonnull (strstr (last, "{\"w\": \"b\", \"managed\": 512}"));
  client_say (&lines, "{\"e\": \"gone\", \"w\": \"b\", \"t\": 3000}");
  expect (&client, "{\"w\": \"b\", \"gone\": true, \"managed\": 0}");
  client_say (&lines, "{\"e\": \"memory\", \"w\": \"b\", \"t\": 4000, \"managed\": 7}");
  expect (&client, "{\"w\": \"b\", \"managed\": 7}");
  client_say (&lines, "{\"id\": 8, \"do\": \"finish\"}");
  do
    {
      g_free (last);
      last = client_expect (&client, "\"channel\": 1", NULL);
    }
  while (strstr (last, "\"end\": true") == NULL);
}

static void
test_unwatch (ServerFixture *f, const void *unused)
{
  g_auto (Client) client = { 0 };
  Reporter r;

  reporter_open (&r, f);
  client_open (&client, f);
  client_say (&client, "{\"id\": 3, \"do\": \"unwatch\", \"channel\": 1}");
  expect (&client, "{\"id\": 3, \"error\": {\"code\": \"no_such_channel\"");
  watch (&client, "\"progress\": true");
  expect (&client, "\"groups\"");
  client_say (&client, "{\"id\": 4, \"do\": \"unwatch\", \"channel\": 1}");
  g_free (client_expect (&client, "{\"id\": 4, \"ok\": {\"next\": 0}", NULL));
  reporter_run (&r, 10);
  reporter_settle (&r);
  reporter_finish (&r);
  client_say (&client, "{\"id\": 5, \"do\": \"ping\"}");
  expect (&client, "{\"id\": 5, \"ok\"");
  reporter_clear (&r);
}

/* ---- what is wrong --------------------------------------------------------------------------- */

static void
test_refused (ServerFixture *f, const void *unused)
{
  g_auto (Client) client = { 0 };
  Reporter r;

  reporter_open (&r, f);
  client_open (&client, f);
  client_say (&client, "{\"id\": 1, \"do\": \"watch\", \"run\": 2, \"frames\": true}");
  expect (&client, "no_such_run", "there is no run 2");
  client_say (&client, "{\"id\": 1, \"do\": \"watch\", \"run\": 1}");
  expect (&client, "\"code\": \"request\"", "none of “frames”, “progress” and “metrics”");
  client_say (&client, "{\"id\": 1, \"do\": \"watch\", \"run\": 1, \"frames\": true}");
  expect (&client, "\"code\": \"request\"", "in the form of lines", "connect with messages");
  reporter_clear (&r);
}

static void
test_file_is_gone (ServerFixture *f, const void *unused)
{
  g_auto (Client) client = { 0 };
  Reporter r;

  reporter_open (&r, f);
  g_assert_cmpint (unlink (r.path), ==, 0);
  client_open (&client, f);
  client_say (&client, "{\"id\": 1, \"do\": \"watch\", \"run\": 1, \"progress\": true}");
  expect (&client, "{\"id\": 1, \"error\": {\"code\": \"failed\"", "No such file");
  client_say (&client, "{\"id\": 2, \"do\": \"ping\"}");
  expect (&client, "{\"id\": 2, \"ok\"");
  reporter_clear (&r);
}

/* The place is that of the record in the connection, and the run goes on. */
static void
test_bad_packed_event (ServerFixture *f, const void *unused)
{
  WeftRecord records[2] = { 0 };
  WeftModelSnapshot snapshot;
  WeftModel *model;
  Reporter r;

  reporter_open (&r, f);
  reporter_run (&r, 2);
  weft_record_set (&records[0], WEFT_RECORD_TASK, 0, 0, 0, BY_CLIENT, r.clock, 5, 0);
  weft_record_set (&records[1], WEFT_RECORD_TASK, 0, 0, 2, BY_CLIENT, r.clock + 5, 5, 0);
  reporter_message (&r, WEFT_WIRE_RECORDS, 1, records, sizeof records);
  expect (&r.client, "\"code\": \"event\"", "found task 2, expected one below 2", "\"channel\": 1",
          "\"offset\": ");
  reporter_run (&r, 2);
  reporter_finish (&r);
  model = model_of_file (r.path);
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpuint (snapshot.n_tasks, ==, 4);
  g_assert_cmpuint (snapshot.n_spans, ==, 4 + 2); /* 2: what the run's state was */
  weft_model_unref (model);
  reporter_clear (&r);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func)                                                             \
  g_test_add ("/weft/server/watch/" name, ServerFixture, NULL, server_set_up, func, \
              server_tear_down)
  ADD ("frames", test_frames);
  ADD ("from-a-cursor", test_from_a_cursor);
  ADD ("slow", test_slow);
  ADD ("stopped", test_stopped);
  ADD ("vanishing", test_vanishing);
  ADD ("two-hundred", test_two_hundred);
  ADD ("progress", test_progress);
  ADD ("quiet-progress", test_quiet_progress);
  ADD ("metrics", test_metrics);
  ADD ("unwatch", test_unwatch);
  ADD ("refused", test_refused);
  ADD ("file-is-gone", test_file_is_gone);
  ADD ("bad-packed-event", test_bad_packed_event);
  return g_test_run ();
}
