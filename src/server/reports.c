/* reports.c: reported runs as the loop sees them: opened, fed, finished; what the writer has to say
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-server-private.h"

#include "base/weft-clock.h"

#include <string.h>
#include <unistd.h>

#define NS_PER_US 1000

#define CAN_BE_ASKED                                                           \
  (WEFT_SERVER_CAN (WEFT_SERVER_PAUSE) | WEFT_SERVER_CAN (WEFT_SERVER_RESUME)  \
   | WEFT_SERVER_CAN (WEFT_SERVER_STEP) | WEFT_SERVER_CAN (WEFT_SERVER_CANCEL) \
   | WEFT_SERVER_CAN (WEFT_SERVER_SET))

static int64_t
wall_ns (void)
{
  return g_get_real_time () * NS_PER_US;
}

static void
refuse (WeftConnection *connection, WeftSaid *said, WeftFault *fault)
{
  _weft_session_fault (&connection->session, fault, _weft_said_id (said));
  _weft_said_free (said);
}

/* ---- opening --------------------------------------------------------------------------------- */

static bool
check_clock (const WeftSaid *said, bool *in_seconds, WeftFault *fault)
{
  const char *clock = _weft_said_text (said, "clock");

  *in_seconds = g_strcmp0 (clock, "wall") == 0;
  if (clock == NULL || *in_seconds || strcmp (clock, "monotonic") == 0)
    return true;
  _weft_fault_set (fault, WEFT_SERVER_REFUSE_REQUEST, "clock", NULL,
                   "“clock” has “%.60s”, expected “monotonic” or “wall”", clock);
  return false;
}

static bool
check_can (const WeftSaid *said, uint32_t *can, WeftFault *fault)
{
  g_autofree char *unknown = NULL;

  *can = _weft_said_verbs (said, "can", &unknown);
  if (unknown == NULL && (*can & ~CAN_BE_ASKED) == 0)
    return true;
  _weft_fault_set (fault, WEFT_SERVER_REFUSE_REQUEST, "can", NULL,
                   "“can” has %.60s, expected some of pause, resume, step, cancel, set",
                   unknown != NULL ? unknown : "what only runs of this program can");
  return false;
}

static bool
check_notes (const WeftSaid *said, WeftFault *fault)
{
  if (_weft_said_has_texts (said, "notes"))
    return true;
  _weft_fault_set (fault, WEFT_SERVER_REFUSE_REQUEST, "notes", NULL,
                   "“notes” has %.60s, expected an array of texts",
                   _weft_said_get (said, "notes")->json);
  return false;
}

/* They stand in the file's first frame, and in each list of runs. */
static bool
check_names (const WeftSaid *said, WeftFault *fault)
{
  static const char *const members[] = { "name", "source", "program", "host" };

  for (size_t i = 0; i < G_N_ELEMENTS (members); i++)
    if (!_weft_said_check_name (said, members[i], fault))
      return false;
  return true;
}

static bool
check_room (const WeftConnection *connection, WeftFault *fault)
{
  uint32_t most = connection->server->limits.open_runs;

  if (connection->session.lines_channel != 0)
    _weft_fault_set (fault, WEFT_SERVER_REFUSE_STATE, NULL, "“finish” ends it",
                     "a report is open already, and in the form of lines there is one at a time");
  else if (g_hash_table_size (connection->reports) >= most)
    _weft_fault_set (fault, WEFT_SERVER_REFUSE_LIMIT, NULL, "“finish” ends one",
                     "%u runs are open on this connection, the limit open_runs", most);
  else
    return true;
  return false;
}

static char *
meta_of (const WeftConnection *connection, const WeftSaid *said)
{
  static const char *const texts[] = { "source", "program", "host" };
  GString *json = g_string_new ("{\"name\": ");
  int64_t pid = connection->session.pid;
  const WeftSaidMember *notes = _weft_said_get (said, "notes");

  _weft_said_append_text (json, _weft_said_text (said, "name"));
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    if (_weft_said_text (said, texts[i]) != NULL)
      {
        g_string_append_printf (json, ", \"%s\": ", texts[i]);
        _weft_said_append_text (json, _weft_said_text (said, texts[i]));
      }
  if (connection->session.name != NULL)
    {
      g_string_append (json, ", \"client\": ");
      _weft_said_append_text (json, connection->session.name);
    }
  if (notes != NULL)
    g_string_append_printf (json, ", \"notes\": %s", notes->json);
  _weft_said_number (said, "pid", &pid);
  if (pid != 0)
    g_string_append_printf (json, ", \"pid\": %" G_GINT64_FORMAT, pid);
  g_string_append_c (json, '}');
  return g_string_free (json, FALSE);
}

static WeftReported *
reported_new (WeftConnection *connection, const WeftSaid *said, bool in_seconds)
{
  WeftReported *reported = g_new0 (WeftReported, 1);
  WeftServer *server = connection->server;

  atomic_init (&reported->refs, 1);
  reported->run = atomic_fetch_add_explicit (&server->next_run, 1, memory_order_relaxed) + 1;
  reported->connection = connection->id;
  reported->channel = ++connection->n_channels;
  reported->path = weft_run_file_new_path (server->folder, _weft_said_text (said, "name"));
  reported->meta_json = meta_of (connection, said);
  reported->clock.in_seconds = in_seconds;
  reported->keeps = _weft_said_flag (said, "keeps");
  if (in_seconds)
    reported->ahead_ns = wall_ns () - weft_clock_mono_ns ();
  return reported;
}

void
_weft_reports_open (WeftConnection *connection, WeftSaid *said)
{
  const char *source = _weft_said_text (said, "source");
  uint32_t can = 0;
  bool in_seconds = false;
  WeftReported *reported;
  WeftServed *served;
  WeftFault fault;

  if (!check_room (connection, &fault) || !check_clock (said, &in_seconds, &fault)
      || !check_can (said, &can, &fault) || !check_notes (said, &fault)
      || !check_names (said, &fault))
    {
      refuse (connection, said, &fault);
      return;
    }
  reported = reported_new (connection, said, in_seconds);
  served = _weft_served_new (&(WeftServedRun){ .id = reported->run,
                                               .name = _weft_said_text (said, "name"),
                                               .source = source != NULL ? source : "report",
                                               .client = connection->session.name,
                                               .path = reported->path,
                                               .phase = WEFT_RUN_RUNNING,
                                               .reported = true,
                                               .begun_wall_ns = wall_ns (),
                                               .can = can });
  served->reported = reported;
  served->connection = connection;
  served->channel = reported->channel;
  _weft_served_add (connection->server, served);
  g_hash_table_insert (connection->reports, GUINT_TO_POINTER (served->channel), served);
  if (connection->session.wire.form == WEFT_WIRE_AS_LINES)
    connection->session.lines_channel = served->channel;
  _weft_report_writer_open (connection->server->writer, reported,
                            _weft_request_new (connection, said, reported->run));
}

/* ---- events ---------------------------------------------------------------------------------- */

static WeftServed *
find_report (const WeftConnection *connection, uint32_t channel)
{
  return g_hash_table_lookup (connection->reports, GUINT_TO_POINTER (channel));
}

bool
_weft_reports_take (void *data, const WeftWireHead *head, const uint8_t *bytes, uint64_t offset)
{
  WeftConnection *connection = data;
  WeftServed *served = find_report (connection, head->channel);

  if (served == NULL)
    return false;
  if (_weft_report_writer_push (connection->server->writer, served->reported, head, bytes, offset))
    connection->paused |= WEFT_PAUSED_BY_WRITER;
  return true;
}

static bool
is_short (WeftConnection *connection)
{
  GHashTableIter iter;
  void *value;
  bool is = true;

  g_hash_table_iter_init (&iter, connection->reports);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    is = _weft_report_writer_is_short (connection->server->writer, ((WeftServed *) value)->reported)
         && is;
  return is;
}

void
_weft_reports_resume (WeftServer *server, void *unused)
{
  if (server == NULL)
    return;
  _weft_report_writer_was_told (server->writer);
  for (GList *at = server->connections.head, *next; at != NULL; at = next)
    {
      WeftConnection *connection = at->data;

      next = at->next;
      if ((connection->paused & WEFT_PAUSED_BY_WRITER) == 0 || !is_short (connection))
        continue;
      connection->paused &= ~(uint32_t) WEFT_PAUSED_BY_WRITER;
      _weft_connection_pump (connection);
    }
}

/* ---- finishing ------------------------------------------------------------------------------- */

/* It takes no more events; its file may still be written. */
static void
detach (WeftServed *served)
{
  WeftConnection *connection = served->connection;

  if (connection == NULL)
    return;
  g_hash_table_remove (connection->reports, GUINT_TO_POINTER (served->channel));
  if (connection->session.lines_channel == served->channel)
    connection->session.lines_channel = 0;
  served->connection = NULL;
  if ((connection->paused & WEFT_PAUSED_BY_WRITER) != 0 && is_short (connection))
    connection->paused &= ~(uint32_t) WEFT_PAUSED_BY_WRITER;
}

static bool
check_phase (const WeftSaid *said, WeftRunPhase *phase, WeftFault *fault)
{
  const char *text = _weft_said_text (said, "phase");

  if (text == NULL || strcmp (text, "done") == 0)
    *phase = WEFT_RUN_DONE;
  else if (strcmp (text, "failed") == 0)
    *phase = WEFT_RUN_FAILED;
  else if (strcmp (text, "cancelled") == 0)
    *phase = WEFT_RUN_CANCELLED;
  else
    {
      _weft_fault_set (fault, WEFT_SERVER_REFUSE_REQUEST, "phase", NULL,
                       "“phase” has “%.60s”, expected “done”, “failed” or “cancelled”", text);
      return false;
    }
  return true;
}

/* The channel that the request names; without one the only one there is. */
static WeftServed *
find_to_finish (const WeftConnection *connection, const WeftSaid *said, WeftFault *fault)
{
  WeftServed *served = NULL;
  GHashTableIter iter;
  int64_t channel = 0;
  void *value;

  if (_weft_said_number (said, "channel", &channel))
    served = channel <= UINT32_MAX ? find_report (connection, (uint32_t) channel) : NULL;
  else if (g_hash_table_size (connection->reports) == 1)
    {
      g_hash_table_iter_init (&iter, connection->reports);
      g_hash_table_iter_next (&iter, NULL, &value);
      served = value;
    }
  if (served == NULL)
    _weft_fault_set (
        fault, WEFT_SERVER_REFUSE_NO_SUCH_CHANNEL, "channel", "the answer to “report” has it",
        channel != 0 ? "no report is open on the channel %" G_GINT64_FORMAT
                     : "found no “channel”, and there is not just one report that is open",
        channel);
  return served;
}

void
_weft_reports_finish (WeftConnection *connection, WeftSaid *said)
{
  const WeftSaidMember *summary = _weft_said_get (said, "summary");
  WeftRunPhase phase;
  WeftServed *served;
  WeftFault fault;

  if (!check_phase (said, &phase, &fault)
      || (served = find_to_finish (connection, said, &fault)) == NULL)
    {
      refuse (connection, said, &fault);
      return;
    }
  detach (served);
  _weft_report_writer_finish (connection->server->writer, served->reported, phase,
                              summary != NULL ? summary->json : NULL,
                              _weft_request_new (connection, said, served->run.id));
}

void
_weft_reports_interrupt (WeftConnection *connection)
{
  GHashTableIter iter;
  void *value;

  g_hash_table_iter_init (&iter, connection->reports);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      WeftServed *served = value;

      served->connection = NULL;
      connection->n_interrupted++;
      _weft_report_writer_finish (connection->server->writer, served->reported,
                                  WEFT_RUN_INTERRUPTED, NULL, NULL);
      g_hash_table_iter_remove (&iter);
    }
  connection->session.lines_channel = 0;
}

/* ---- what the writer says -------------------------------------------------------------------- */

typedef struct
{
  WeftReported *reported;
  WeftServerRequest *request; /* (nullable) */
  WeftRunPhase phase;
  char *why; /* (nullable): what went wrong */
  WeftFault fault;
} News;

static News *
news_new (WeftReported *reported, WeftServerRequest *request, const GError *error)
{
  News *news = g_new0 (News, 1);

  news->reported = _weft_reported_ref (reported);
  news->request = request;
  news->why = error != NULL ? g_strdup (error->message) : NULL;
  return news;
}

static void
news_free (News *news)
{
  _weft_reported_unref (news->reported);
  _weft_fault_clear (&news->fault);
  g_free (news->why);
  g_free (news);
}

/* (nullable) */
static WeftServed *
served_of (WeftServer *server, const News *news)
{
  return server != NULL ? _weft_served_find (server, news->reported->run) : NULL;
}

static void
answer_news (News *news, const char *ok_json)
{
  if (news->request == NULL)
    return;
  if (news->why != NULL)
    weft_server_refuse (news->request, WEFT_SERVER_REFUSE_FAILED, news->why, NULL);
  else
    weft_server_answer (news->request, ok_json, NULL);
}

static void
opened_cb (WeftServer *server, void *data)
{
  News *news = data;
  WeftServed *served = served_of (server, news);
  g_autoptr (GString) ok = g_string_new (NULL);

  g_string_append_printf (ok, "{\"channel\": %u, \"run\": %" G_GUINT64_FORMAT ", \"path\": ",
                          news->reported->channel, news->reported->run);
  _weft_said_append_text (ok, news->reported->path);
  g_string_append_c (ok, '}');
  if (served != NULL && news->why == NULL)
    _weft_served_tell (server, served);
  else if (served != NULL)
    {
      /* its list may have events that are dropped, and an end that then finds no run */
      detach (served);
      _weft_served_remove (server, served->run.id);
    }
  answer_news (news, ok->str);
  news_free (news);
}

static void
set_counts (WeftServed *served, WeftReportCounts counts)
{
  served->run.n_tasks = counts.n_tasks;
  served->run.n_done = counts.n_done;
  served->run.n_running = counts.n_running;
  served->run.n_failed = counts.n_failed;
  if (counts.begun_wall_ns != 0)
    served->run.begun_wall_ns = counts.begun_wall_ns;
  if (counts.ended_wall_ns != 0)
    served->run.ended_wall_ns = counts.ended_wall_ns;
}

static void
set_trouble (WeftServed *served, const char *why)
{
  WeftServedRun run = served->run;

  run.trouble = why;
  _weft_served_set (served, &run);
}

/* Whoever has shut down its sending side was told by now what was wrong. */
static void
let_go (WeftServer *server, const News *news)
{
  WeftConnection *connection = server != NULL && news->phase == WEFT_RUN_INTERRUPTED
                                   ? _weft_connection_find (server, news->reported->connection)
                                   : NULL;

  if (connection == NULL)
    return;
  connection->n_interrupted--;
  _weft_connection_pump (connection);
}

static void
finished_cb (WeftServer *server, void *data)
{
  News *news = data;
  WeftServed *served = served_of (server, news);
  g_autofree char *ok = g_strdup_printf ("{\"run\": %" G_GUINT64_FORMAT "}", news->reported->run);

  if (served != NULL)
    {
      set_counts (served, _weft_report_writer_counts (server->writer, news->reported));
      served->run.phase = news->phase;
      if (served->run.ended_wall_ns == 0)
        served->run.ended_wall_ns = wall_ns ();
      served->run.can = 0;
      set_trouble (served, news->why);
      g_clear_pointer (&served->reported, _weft_reported_unref);
      _weft_served_tell (server, served);
    }
  answer_news (news, ok);
  let_go (server, news);
  news_free (news);
}

static void
counted_cb (WeftServer *server, void *data)
{
  News *news = data;
  WeftServed *served = served_of (server, news);

  if (served != NULL)
    {
      set_counts (served, _weft_report_writer_counts (server->writer, news->reported));
      _weft_served_changed (server, served);
    }
  news_free (news);
}

static void
fault_cb (WeftServer *server, void *data)
{
  News *news = data;
  WeftServed *served = served_of (server, news);
  WeftConnection *connection =
      server != NULL ? _weft_connection_find (server, news->reported->connection) : NULL;

  if (served != NULL && news->fault.code == WEFT_SERVER_REFUSE_FAILED)
    {
      set_trouble (served, news->fault.message);
      _weft_served_tell (server, served);
    }
  if (connection != NULL
      && (news->fault.code == WEFT_FAULT_MALFORMED
          || news->fault.code == (int) WEFT_SERVER_REFUSE_LIMIT))
    _weft_session_fail (&connection->session, &news->fault);
  else if (connection != NULL)
    _weft_session_fault (&connection->session, &news->fault, NULL);
  if (connection != NULL)
    _weft_connection_pump (connection);
  news_free (news);
}

void
_weft_reports_opened (WeftReported *reported, WeftHub *hub, WeftServerRequest *request,
                      const GError *error)
{
  _weft_hub_post (hub, opened_cb, news_new (reported, request, error));
}

void
_weft_reports_finished (WeftReported *reported, WeftHub *hub, WeftServerRequest *request,
                        WeftRunPhase phase, const GError *error)
{
  News *news = news_new (reported, request, error);

  news->phase = phase;
  _weft_hub_post (hub, finished_cb, news);
}

void
_weft_reports_counted (WeftReported *reported, WeftHub *hub)
{
  _weft_hub_post (hub, counted_cb, news_new (reported, NULL, NULL));
}

void
_weft_reports_fault (WeftReported *reported, WeftHub *hub, WeftFault *fault)
{
  News *news = news_new (reported, NULL, NULL);

  news->fault = *fault;
  *fault = (WeftFault){ 0 };
  _weft_hub_post (hub, fault_cb, news);
}
