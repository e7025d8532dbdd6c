/* test-eventstream.c: what a Dask scheduler says over HTTP becomes lines that a report takes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Messages are those of a scheduler of Dask 2022.12.1, and a whole session that was recorded,
 * beside what its client was told of the same tasks.
 */
#include "config.h"

#include "test-support.h"

#include "attach/weft-eventstream-private.h"
#include "graph/weft-graph.h"
#include "graph/weft-json-private.h"
#include "server/weft-lines-private.h"

#include <string.h>

#define NOW 1795469600.5
/* clang-format off */
#define STARTSTOPS                                                                  \
  "\"startstops\": [{\"action\": \"transfer\", \"start\": 1795469517.25, "         \
  "\"stop\": 1795469517.5, \"source\": \"tcp://b\"}, {\"action\": \"compute\", "    \
  "\"start\": 1795469517.5, \"stop\": 1795469518.75}]"
#define ABOUT(key)                                                                    \
  "{\"key\": " key ", \"name\": \"transition\", \"color\": \"red\", "                   \
  "\"worker\": \"tcp://a\", \"nbytes\": 28, \"typename\": \"int\", "                    \
  "\"metadata\": {\"x\": [1, {}]}, \"thread\": 139842, " STARTSTOPS
#define COMPUTE "\"action\": \"compute\", \"start\": 1795469517.5, \"stop\": 1795469518.75}"
#define TRANSFER                                                                      \
  "\"action\": \"transfer\", \"start\": 1795469517.25, \"stop\": 1795469517.5, "       \
  "\"source\": \"tcp://b\"}"
/* clang-format on */

typedef struct
{
  WeftEventstream stream;
  GString *lines;
  WeftReport *report; /* which takes them */
} Fixture;

static void
set_up (Fixture *f, const void *without_spans)
{
  _weft_eventstream_init (&f->stream, without_spans == NULL);
  f->lines = g_string_new (NULL);
  f->report = _weft_report_new (&(WeftReportOptions){ .path = "/dev/null" }, NULL);
  g_assert_nonnull (f->report);
}

static void
tear_down (Fixture *f, const void *unused)
{
  _weft_eventstream_clear (&f->stream);
  g_string_free (f->lines, TRUE);
  _weft_report_free (f->report);
}

/* All lines that there are; they are gone then. */
static void
assert_taken (Fixture *f)
{
  const WeftLinesClock clock = { .in_seconds = true };
  g_auto (GStrv) lines = g_strsplit (f->lines->str, "\n", -1);

  for (size_t i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      g_autoptr (GError) error = NULL;

      _weft_lines_take (f->report, &clock, lines[i], strlen (lines[i]), &error);
      g_assert_no_error (error);
    }
  g_assert_true (f->lines->len == 0 || g_str_has_suffix (f->lines->str, "\n"));
  g_string_truncate (f->lines, 0);
}

static void
assert_lines (Fixture *f, const char *expected)
{
  g_assert_cmpstr (f->lines->str, ==, expected);
  assert_taken (f);
}

static void
take (Fixture *f, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (
      _weft_eventstream_take (&f->stream, message, strlen (message), NOW, f->lines, &error));
  g_assert_no_error (error);
}

static void
refuse (Fixture *f, const char *message, const char *expected)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (
      _weft_eventstream_take (&f->stream, message, strlen (message), NOW, f->lines, &error));
  g_assert_nonnull (error);
  g_assert_true (error->domain == WEFT_GRAPH_ERROR);
  g_assert_nonnull (strstr (error->message, expected));
  g_assert_cmpuint (f->lines->len, ==, 0);
}

/* ---- tasks ----------------------------------------------------------------------------------- */

static void
test_task (Fixture *f, const void *unused)
{
  take (f, ABOUT ("\"inc-1\"") ", \"status\": \"OK\", " COMPUTE);
  assert_lines (f, "{\"e\":\"task\",\"k\":\"inc-1\",\"w\":\"tcp://a\",\"h\":139842,"
                   "\"s\":1795469517.5,\"d\":1.25,\"b\":28}\n");
  take (f, ABOUT ("\"inc-1\"") ", \"status\": \"OK\", " TRANSFER);
  assert_lines (f, "{\"e\":\"span\",\"k\":\"inc-1\",\"what\":\"transfer\",\"w\":\"tcp://a\","
                   "\"s\":1795469517.25,\"d\":0.25,\"peer\":\"tcp://b\"}\n");
  g_assert_cmpuint (f->stream.n_tasks, ==, 1);
}

static void
test_without_spans (Fixture *f, const void *unused)
{
  take (f, ABOUT ("\"inc-1\"") ", " TRANSFER);
  assert_lines (f, "");
  take (f, ABOUT ("\"inc-1\"") ", " COMPUTE);
  assert_taken (f);
  g_assert_cmpuint (_weft_report_n_tasks (f->report), ==, 1);
}

static void
test_other_actions (Fixture *f, const void *unused)
{
  take (f, ABOUT ("\"a\"") ", \"action\": \"disk-read\", \"start\": 2, \"stop\": 1}");
  assert_lines (f, "{\"e\":\"span\",\"k\":\"a\",\"what\":\"spill-read\",\"w\":\"tcp://a\","
                   "\"s\":2,\"d\":0}\n");
  take (f, ABOUT ("\"a\"") ", \"action\": \"to come\", \"start\": 1, \"stop\": 2}");
  assert_lines (f, "");
}

/* Of later versions, perhaps: with 2022.12.1 it does not come. It is said once. */
static void
test_failed (Fixture *f, const void *unused)
{
  static const char texts[] = ", \"status\": \"error\", \"exception_text\": \"LookupError('no')\", "
                              "\"traceback_text\": \"  File …\\n\", ";
  g_autofree char *first = g_strconcat (ABOUT ("\"bad\""), texts, TRANSFER, NULL);
  g_autofree char *last = g_strconcat (ABOUT ("\"bad\""), texts, COMPUTE, NULL);

  take (f, first);
  g_assert_null (strstr (f->lines->str, "\"fail\""));
  assert_taken (f);
  take (f, last);
  assert_lines (f, "{\"e\":\"start\",\"k\":\"bad\",\"w\":\"tcp://a\",\"h\":139842,"
                   "\"t\":1795469517.5}\n"
                   "{\"e\":\"fail\",\"k\":\"bad\",\"t\":1795469518.75,\"kind\":\"LookupError\","
                   "\"message\":\"LookupError('no')\",\"traceback\":\"  File …\\u000a\"}\n");
  g_assert_cmpuint (f->stream.n_tasks, ==, 0);
}

static void
test_keys (Fixture *f, const void *unused)
{
  static const char *const keys[][2] = {
    { "\"('x-1', 0, 1)\"", "('x-1', 0, 1)" },
    { "[\"x-1\", 0, -1.5]", "('x-1', 0, -1.5)" },
    { "[\"a\"]", "('a',)" },
    { "[]", "()" },
    { "[\"it's\", [true, null], \"b\\n\\\"'\"]",
      "(\\\"it's\\\", (True, None), 'b\\\\n\\\"\\\\'')" },
    { "17", "17" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *message = g_strdup_printf (
          "{\"name\": \"transition\", \"key\": %s, \"worker\": \"w\", " COMPUTE, keys[i][0]);
      g_autofree char *expected =
          g_strdup_printf ("{\"e\":\"task\",\"k\":\"%s\",\"w\":\"w\",\"s\":1795469517.5,"
                           "\"d\":1.25}\n",
                           keys[i][1]);

      take (f, message);
      assert_lines (f, expected);
    }
}

/* Cut where no character is, and still two keys. */
static void
test_long_keys (Fixture *f, const void *unused)
{
  g_autoptr (GString) key = g_string_new (NULL);

  while (key->len < 5000)
    g_string_append (key, "ü");
  for (int i = 0; i < 2; i++)
    {
      g_autofree char *message = g_strdup_printf (
          "{\"name\": \"transition\", \"key\": \"%s%d\", \"worker\": \"w\", " COMPUTE, key->str, i);

      take (f, message);
      g_assert_cmpuint (f->lines->len, <, 4300);
      assert_taken (f);
    }
  g_assert_cmpuint (_weft_report_n_tasks (f->report), ==, 2);
}

static void
test_refused (Fixture *f, const void *unused)
{
  refuse (f, "", "the end");
  refuse (f, "[1]", "a message");
  refuse (f, "{\"name\": \"transition\"", "");
  refuse (f, "{\"worker\": \"w\"}", "name");
  refuse (f, "{\"name\": \"add_worker\"}", "worker");
  refuse (f, "{\"name\": \"transition\", \"key\": \"k\", " COMPUTE, "“worker”");
  refuse (f, "{\"name\": \"transition\", \"key\": {}, \"worker\": \"w\", " COMPUTE, "a key");
  refuse (f, "{\"name\": \"transition\", \"key\": \"\", \"worker\": \"w\", " COMPUTE, "empty");
  refuse (f, "{\"name\": \"transition\", \"key\": \"a\\u0000\", \"worker\": \"w\", " COMPUTE,
          "zero");
  refuse (f,
          "{\"name\": \"transition\", \"key\": \"k\", \"worker\": \"w\", \"action\": "
          "\"compute\", \"start\": -1, \"stop\": 1}",
          "“start”");
  refuse (f,
          "{\"name\": \"transition\", \"key\": \"k\", \"worker\": \"w\", \"action\": "
          "\"compute\", \"start\": 1, \"stop\": 9.1e9}",
          "“stop”");
}

/* Members of other types are as good as not there. */
static void
test_other_types (Fixture *f, const void *unused)
{
  take (f, "{\"nbytes\": null, \"thread\": \"t\", \"status\": [\"OK\"], \"exception_text\": {}, "
           "\"name\": \"transition\", \"key\": \"k\", \"worker\": \"w\", " COMPUTE);
  assert_lines (f, "{\"e\":\"task\",\"k\":\"k\",\"w\":\"w\",\"s\":1795469517.5,\"d\":1.25}\n");
  take (f, "{\"name\": \"pong\", \"timestamp\": \"…\"}");
  take (f, "{\"name\": \"update_graph\", \"client\": \"c\"}");
  assert_lines (f, "");
}

/* ---- workers --------------------------------------------------------------------------------- */

#define IDENTITY(workers)                                                      \
  "{\"type\": \"Scheduler\", \"id\": \"S-1\", \"address\": \"tcp://s:8786\", " \
  "\"services\": {\"dashboard\": 8787}, \"workers\": {" workers "}}"
#define WORKER(name, seen)                                                                         \
  "\"" name "\": {\"nthreads\": 2, \"memory_limit\": 1000, \"last_seen\": " seen ", \"metrics\": " \
  "{\"managed_bytes\": 90, \"memory\": 500, \"cpu\": 150.0, \"num_fds\": 22, "                     \
  "\"spilled_bytes\": {\"memory\": 30, \"disk\": 20}, "                                            \
  "\"host_net_io\": {\"read_bps\": 1.5, \"write_bps\": 2}, "                                       \
  "\"task_counts\": {\"executing\": 2, \"ready\": 5, \"waiting\": 1, \"memory\": 100}}}"

static void
take_identity (Fixture *f, const char *json, bool is_all)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (_weft_eventstream_take_identity (&f->stream, json, strlen (json), is_all, NOW,
                                                  NULL, f->lines, &error));
  g_assert_no_error (error);
}

static void
test_identity (Fixture *f, const void *unused)
{
  static const char json[] = IDENTITY (WORKER ("tcp://a", "1795469599.5"));
  WeftEventstreamScheduler scheduler = { 0 };
  g_autoptr (GError) error = NULL;

  _weft_eventstream_take_identity (&f->stream, json, strlen (json), true, NOW, &scheduler, f->lines,
                                   &error);
  g_assert_no_error (error);
  g_assert_cmpstr (scheduler.id, ==, "S-1");
  g_assert_cmpstr (scheduler.address, ==, "tcp://s:8786");
  _weft_eventstream_scheduler_clear (&scheduler);
#define COUNT(name, value, unit)                                                                  \
  "{\"e\":\"count\",\"name\":\"" name "\",\"w\":\"tcp://a\",\"t\":1795469599.5,\"v\":" value unit \
  "}\n"
  assert_lines (f, "{\"e\":\"worker\",\"w\":\"tcp://a\",\"threads\":2,\"limit\":1000}\n"
                   "{\"e\":\"memory\",\"w\":\"tcp://a\",\"t\":1795469599.5,\"managed\":60,"
                   "\"spilled\":20,\"resident\":500,\"limit\":1000}\n" //
                COUNT ("cpu", "1.5", ",\"unit\":\"cores\"")
                    COUNT ("network-read", "1.5", ",\"unit\":\"B/s\"")
                        COUNT ("network-written", "2", ",\"unit\":\"B/s\"") COUNT ("fds", "22", "")
                            COUNT ("processing", "8", ",\"unit\":\"tasks\"")
                                COUNT ("ready", "5", ",\"unit\":\"tasks\""));
#undef COUNT
  take_identity (f, json, false); /* the same heartbeat */
  assert_lines (f, "");
}

static void
test_workers_come_and_go (Fixture *f, const void *unused)
{
  take (f, "{\"worker\": \"tcp://a\", \"name\": \"add_worker\"}");
  take (f, "{\"worker\": \"tcp://b\", \"name\": \"add_worker\"}");
  assert_lines (f, "");
  g_assert_cmpuint (f->stream.n_untold, ==, 2);
  take_identity (f, IDENTITY (WORKER ("tcp://a", "1795469599.5")), false);
  g_assert_true (g_str_has_prefix (f->lines->str, "{\"e\":\"worker\",\"w\":\"tcp://a\","));
  assert_taken (f);
  g_assert_cmpuint (f->stream.n_untold, ==, 1);
  take (f, "{\"worker\": \"tcp://b\", \"name\": \"remove_worker\"}");
  assert_lines (f, "{\"e\":\"gone\",\"w\":\"tcp://b\",\"t\":1795469600.5}\n");
  g_assert_cmpuint (f->stream.n_untold, ==, 0);
  take (f, "{\"worker\": \"tcp://c\", \"name\": \"add_worker\"}");
  _weft_eventstream_tell_workers (&f->stream, f->lines);
  assert_lines (f, "{\"e\":\"worker\",\"w\":\"tcp://c\"}\n");
  take_identity (f, IDENTITY (""), true);
  g_assert_nonnull (
      strstr (f->lines->str, "{\"e\":\"gone\",\"w\":\"tcp://a\",\"t\":1795469600.5}"));
  g_assert_nonnull (
      strstr (f->lines->str, "{\"e\":\"gone\",\"w\":\"tcp://c\",\"t\":1795469600.5}"));
  g_assert_cmpuint (g_hash_table_size (f->stream.workers), ==, 0);
  assert_taken (f);
}

static void
test_not_a_scheduler (Fixture *f, const void *unused)
{
  static const char *const texts[] = {
    "", "<html>", "{}", "[]", "{\"type\": \"Worker\", \"id\": \"W\"}", IDENTITY ("\"a\": {")
  };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (_weft_eventstream_take_identity (&f->stream, texts[i], strlen (texts[i]),
                                                       true, NOW, NULL, f->lines, &error));
      g_assert_nonnull (error);
      g_assert_cmpuint (f->lines->len, ==, 0);
    }
}

static void
test_counts (Fixture *f, const void *without_spans)
{
  static const char *const texts[] = { "{\"erred\": 1, \"processing\": 3, \"tasks\": 9}",
                                       "{\"erred\": 1}", "{\"erred\": 3}" };
  static const bool has_log[] = { true, false, true };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (_weft_eventstream_take_counts (&f->stream, texts[i], strlen (texts[i]), NOW,
                                                    f->lines, &error));
      g_assert_no_error (error);
      g_assert_cmpint (strstr (f->lines->str, "\"level\":4") != NULL, ==, has_log[i]);
      g_assert_cmpint (strstr (f->lines->str, "\"count\"") != NULL, ==, without_spans == NULL);
      assert_taken (f);
    }
}

static void
test_news (Fixture *f, const void *unused)
{
  take (f, "{\"name\": \"restart\"}");
  take (f, "{\"name\": \"add_client\", \"client\": \"C-1\"}");
  take (f, "{\"name\": \"remove_client\", \"client\": \"C-1\"}");
  assert_lines (
      f, "{\"e\":\"log\",\"t\":1795469600.5,\"message\":\"the cluster is restarted\",\"level\":5}\n"
         "{\"e\":\"log\",\"t\":1795469600.5,\"message\":\"C-1 has come\",\"level\":5}\n"
         "{\"e\":\"log\",\"t\":1795469600.5,\"message\":\"C-1 has gone\",\"level\":5}\n");
}

/* ---- a recorded session ---------------------------------------------------------------------- */

static char *
recorded_path (const char *name)
{
  g_autofree char *tests = test_source_path ("");

  return g_build_filename (tests, "..", "..", "shared", "data", "runs", "dask", name, NULL);
}

/* How the task's line begins, from what the client was told of it. NULL: it failed. */
static char *
expected_line (WeftJson *json)
{
  g_autofree char *key = NULL, *worker = NULL;
  char start[G_ASCII_DTOSTR_BUF_SIZE] = "";
  int64_t thread = -1;
  bool ok = false;

  while (_weft_json_next_name (json))
    if (_weft_json_is (json, "key") && _weft_json_next (json) == WEFT_JSON_STRING)
      key = g_strndup (json->chars, json->n_chars);
    else if (_weft_json_is (json, "worker") && _weft_json_next (json) == WEFT_JSON_STRING)
      worker = g_strndup (json->chars, json->n_chars);
    else if (_weft_json_is (json, "thread"))
      _weft_json_expect_int64 (json, 0, INT64_MAX, "a thread", &thread);
    else if (_weft_json_is (json, "status"))
      ok = _weft_json_next (json) == WEFT_JSON_STRING && _weft_json_is (json, "OK");
    else if (_weft_json_is (json, "startstops") && _weft_json_next (json) == WEFT_JSON_BEGIN_ARRAY)
      while (_weft_json_next_item (json))
        while (_weft_json_next_name (json))
          if (_weft_json_is (json, "start") && _weft_json_next (json) == WEFT_JSON_FLOAT64)
            g_ascii_dtostr (start, sizeof start, json->f);
          else
            _weft_json_skip (json);
    else
      _weft_json_skip (json);
  g_assert_no_error (json->error);
  return ok ? g_strdup_printf ("{\"e\":\"task\",\"k\":\"%s\",\"w\":\"%s\",\"h\":%" G_GINT64_FORMAT
                               ",\"s\":%s,",
                               key, worker, thread, start)
            : NULL;
}

static void
assert_all_told (const char *task_stream, const char *lines)
{
  unsigned n_told = 0, n_failed = 0;
  WeftJson json;

  _weft_json_init (&json, task_stream, strlen (task_stream), "task_stream.json");
  _weft_json_next (&json);
  while (_weft_json_next_item (&json))
    {
      g_autofree char *expected = expected_line (&json);

      if (expected == NULL)
        n_failed++;
      else if (strstr (lines, expected) == NULL)
        g_error ("there is no line %s", expected);
      else
        n_told++;
    }
  g_assert_no_error (json.error);
  _weft_json_clear (&json);
  g_assert_cmpuint (n_told, ==, 77);
  g_assert_cmpuint (n_failed, ==, 1);
}

static void
test_recorded (Fixture *f, const void *unused)
{
  g_autofree char *messages_path = recorded_path ("eventstream.jsonl");
  g_autofree char *tasks_path = recorded_path ("task_stream.json");
  g_autofree char *identity_path = recorded_path ("scheduler_info.json");
  g_autofree char *text = NULL, *tasks = NULL, *identity = NULL;
  g_auto (GStrv) messages = NULL;

  if (!g_file_test (messages_path, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("no recorded session in ../shared/data/runs/dask beside the project");
      return;
    }
  text = test_file_read (messages_path);
  tasks = test_file_read (tasks_path);
  identity = test_file_read (identity_path);
  messages = g_strsplit (text, "\n", -1);
  for (size_t i = 0; messages[i] != NULL && messages[i][0] != '\0'; i++)
    take (f, messages[i]);
  assert_all_told (tasks, f->lines->str);
  assert_taken (f);
  g_assert_cmpuint (f->stream.n_tasks, ==, 119);
  g_assert_cmpuint (_weft_report_n_tasks (f->report), ==, 83);
  take_identity (f, identity, false);
  assert_taken (f);
  g_assert_cmpuint (f->stream.n_untold, ==, 0);
}

#define ADD(behaviour, function) \
  g_test_add ("/weft/attach/eventstream/" behaviour, Fixture, NULL, set_up, function, tear_down)
#define ADD_WITHOUT_SPANS(behaviour, function) \
  g_test_add ("/weft/attach/eventstream/" behaviour, Fixture, "", set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("a-task-that-ran", test_task);
  ADD_WITHOUT_SPANS ("for-a-server-without-spans", test_without_spans);
  ADD ("other-actions", test_other_actions);
  ADD ("a-task-that-failed", test_failed);
  ADD ("keys-as-dask-prints-them", test_keys);
  ADD ("long-keys", test_long_keys);
  ADD ("what-is-no-message", test_refused);
  ADD ("members-of-other-types", test_other_types);
  ADD ("workers-as-their-heartbeats-have-them", test_identity);
  ADD ("workers-come-and-go", test_workers_come_and_go);
  ADD ("what-is-no-scheduler", test_not_a_scheduler);
  ADD ("failed-tasks-are-counted", test_counts);
  ADD_WITHOUT_SPANS ("failed-tasks-are-counted-without-spans", test_counts);
  ADD ("clients-and-restarts", test_news);
  ADD ("a-recorded-session", test_recorded);
  return g_test_run ();
}
