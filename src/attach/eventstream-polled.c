/* eventstream-polled.c: what a scheduler says when it is asked: who it is, its workers, counts
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * All of a text is read before anything is said of it, so that half of one is nothing.
 */
#include "attach/weft-eventstream-private.h"
#include "attach/weft-eventstream-text-private.h"

#include <string.h>

#define LEVEL_WARNING 4
#define PERCENT 100.0
#define MOST_NAME_CHARS 4096
#define MOST_VALUE 9.2e18 /* of a counter, as the protocol has it */

/* What is known of a worker. -1: nothing */
typedef struct
{
  char *name;
  double last_seen_s;
  int64_t n_threads;
  int64_t limit_bytes;
  int64_t managed_bytes;
  int64_t spilled_bytes, of_spilled_in_memory_bytes;
  int64_t resident_bytes;
  double cpu_percent;
  double network_read_bps, network_written_bps, disk_read_bps, disk_written_bps;
  double n_fds;
  int64_t n_tasks_here; /* that it was given and has not done */
  int64_t n_tasks_ready;
} Worker;

static void
worker_clear (void *data)
{
  g_free (((Worker *) data)->name);
}

/* ---- reading: a member of an object to a place ----------------------------------------------- */

typedef struct
{
  const char *name;
  int64_t *count; /* one of these */
  double *number;
  void (*read) (WeftJson *json, void *data);
  void *data;
} Place;

/* The value that comes next, if it is an object: its members. Other members are skipped. */
static void
read_object (WeftJson *json, const Place *places, size_t n_places)
{
  WeftJsonMark mark;

  _weft_json_mark (json, &mark);
  if (_weft_json_next (json) != WEFT_JSON_BEGIN_OBJECT)
    {
      if (json->error == NULL)
        {
          _weft_json_rewind (json, &mark);
          _weft_json_skip (json);
        }
      return;
    }
  while (_weft_json_next_name (json))
    {
      size_t i = 0;

      while (i < n_places && !_weft_json_is (json, places[i].name))
        i++;
      if (i == n_places)
        _weft_json_skip (json);
      else if (places[i].count != NULL)
        *places[i].count = _weft_eventstream_read_count (json);
      else if (places[i].number != NULL)
        *places[i].number = _weft_eventstream_read_number (json);
      else
        places[i].read (json, places[i].data);
    }
}

/* ---- workers --------------------------------------------------------------------------------- */

static void
read_spilled (WeftJson *json, void *data)
{
  Worker *worker = data;
  const Place places[] = { { "memory", .count = &worker->of_spilled_in_memory_bytes },
                           { "disk", .count = &worker->spilled_bytes } };

  read_object (json, places, G_N_ELEMENTS (places));
}

static void
read_network (WeftJson *json, void *data)
{
  Worker *worker = data;
  const Place places[] = { { "read_bps", .number = &worker->network_read_bps },
                           { "write_bps", .number = &worker->network_written_bps } };

  read_object (json, places, G_N_ELEMENTS (places));
}

static void
read_disk (WeftJson *json, void *data)
{
  Worker *worker = data;
  const Place places[] = { { "read_bps", .number = &worker->disk_read_bps },
                           { "write_bps", .number = &worker->disk_written_bps } };

  read_object (json, places, G_N_ELEMENTS (places));
}

static void
read_task_counts (WeftJson *json, void *data)
{
  Worker *worker = data;
  int64_t executing = -1, seceded = -1, constrained = -1, waiting = -1;
  const Place places[] = { { "ready", .count = &worker->n_tasks_ready },
                           { "executing", .count = &executing },
                           { "long-running", .count = &seceded },
                           { "constrained", .count = &constrained },
                           { "waiting", .count = &waiting } };

  read_object (json, places, G_N_ELEMENTS (places));
  if (executing >= 0 && executing < INT32_MAX && worker->n_tasks_ready < INT32_MAX)
    worker->n_tasks_here = executing + CLAMP (seceded, 0, INT32_MAX)
                           + CLAMP (constrained, 0, INT32_MAX) + CLAMP (waiting, 0, INT32_MAX)
                           + MAX (worker->n_tasks_ready, 0);
}

static void
read_metrics (WeftJson *json, void *data)
{
  Worker *worker = data;
  const Place places[] = { { "managed_bytes", .count = &worker->managed_bytes },
                           { "memory", .count = &worker->resident_bytes },
                           { "cpu", .number = &worker->cpu_percent },
                           { "num_fds", .number = &worker->n_fds },
                           { "spilled_bytes", .read = read_spilled, .data = worker },
                           { "host_net_io", .read = read_network, .data = worker },
                           { "host_disk_io", .read = read_disk, .data = worker },
                           { "task_counts", .read = read_task_counts, .data = worker } };

  read_object (json, places, G_N_ELEMENTS (places));
}

static void
read_worker (WeftJson *json, GArray *workers)
{
  Worker none = { .name = g_strndup (json->chars, json->n_chars),
                  .last_seen_s = -1,
                  .n_threads = -1,
                  .limit_bytes = -1,
                  .managed_bytes = -1,
                  .spilled_bytes = -1,
                  .of_spilled_in_memory_bytes = -1,
                  .resident_bytes = -1,
                  .cpu_percent = -1,
                  .network_read_bps = -1,
                  .network_written_bps = -1,
                  .disk_read_bps = -1,
                  .disk_written_bps = -1,
                  .n_fds = -1,
                  .n_tasks_here = -1,
                  .n_tasks_ready = -1 };
  Worker *worker;

  g_array_append_val (workers, none);
  worker = &g_array_index (workers, Worker, workers->len - 1);
  {
    const Place places[] = { { "nthreads", .count = &worker->n_threads },
                             { "memory_limit", .count = &worker->limit_bytes },
                             { "last_seen", .number = &worker->last_seen_s },
                             { "metrics", .read = read_metrics, .data = worker } };

    read_object (json, places, G_N_ELEMENTS (places));
  }
}

static void
read_workers (WeftJson *json, GArray *workers)
{
  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_OBJECT, "an object of workers"))
    return;
  while (_weft_json_next_name (json))
    if (json->n_chars > 0 && json->n_chars <= MOST_NAME_CHARS
        && memchr (json->chars, '\0', json->n_chars) == NULL)
      read_worker (json, workers);
    else
      _weft_json_skip (json);
}

/* ---- saying ---------------------------------------------------------------------------------- */

/* A moment that is none becomes now. */
static double
moment (const Worker *worker, double now_s)
{
  bool is = worker->last_seen_s >= 0 && worker->last_seen_s <= WEFT_EVENTSTREAM_MOST_SECONDS;

  return is ? worker->last_seen_s : now_s;
}

static void
say_worker (const Worker *worker, GString *lines)
{
  _weft_eventstream_begin (lines, "worker");
  _weft_eventstream_text (lines, "w", worker->name);
  if (worker->n_threads <= UINT32_MAX)
    _weft_eventstream_count (lines, "threads", worker->n_threads);
  if (worker->limit_bytes > 0)
    _weft_eventstream_count (lines, "limit", worker->limit_bytes);
  _weft_eventstream_end (lines);
}

static void
say_memory (const Worker *worker, double t, GString *lines)
{
  int64_t managed = worker->managed_bytes;

  /* Dask's is of both, and what is spilled has two sizes: here it has the one on disk */
  if (managed >= 0)
    managed = MAX (managed - MAX (worker->of_spilled_in_memory_bytes, 0), 0);
  if (worker->resident_bytes < 0)
    return;
  _weft_eventstream_begin (lines, "memory");
  _weft_eventstream_text (lines, "w", worker->name);
  _weft_eventstream_number (lines, "t", t);
  _weft_eventstream_count (lines, "managed", managed);
  _weft_eventstream_count (lines, "spilled", worker->spilled_bytes);
  _weft_eventstream_count (lines, "resident", worker->resident_bytes);
  if (worker->limit_bytes > 0)
    _weft_eventstream_count (lines, "limit", worker->limit_bytes);
  _weft_eventstream_end (lines);
}

static void
say_value (const char *worker, double t, const char *name, const char *unit, double value,
           GString *lines)
{
  if (value < 0 || value > MOST_VALUE)
    return;
  _weft_eventstream_begin (lines, "count");
  _weft_eventstream_text (lines, "name", name);
  _weft_eventstream_text (lines, "w", worker);
  _weft_eventstream_number (lines, "t", t);
  _weft_eventstream_number (lines, "v", value);
  _weft_eventstream_text (lines, "unit", unit);
  _weft_eventstream_end (lines);
}

static void
say_values (const Worker *worker, double t, GString *lines)
{
  const struct
  {
    const char *name, *unit;
    double value;
  } values[] = { { "cpu", "cores", worker->cpu_percent < 0 ? -1 : worker->cpu_percent / PERCENT },
                 { "network-read", "B/s", worker->network_read_bps },
                 { "network-written", "B/s", worker->network_written_bps },
                 { "disk-read", "B/s", worker->disk_read_bps },
                 { "disk-written", "B/s", worker->disk_written_bps },
                 { "fds", NULL, worker->n_fds },
                 { "processing", "tasks", (double) worker->n_tasks_here },
                 { "ready", "tasks", (double) worker->n_tasks_ready } };

  for (size_t i = 0; i < G_N_ELEMENTS (values); i++)
    say_value (worker->name, t, values[i].name, values[i].unit, values[i].value, lines);
}

/* A heartbeat is told once. */
static void
tell_worker (WeftEventstream *stream, const Worker *worker, double now_s, GString *lines)
{
  WeftEventstreamWorker *known = g_hash_table_lookup (stream->workers, worker->name);
  double t = moment (worker, now_s);

  if (known == NULL)
    {
      known = g_new0 (WeftEventstreamWorker, 1);
      g_hash_table_insert (stream->workers, g_strdup (worker->name), known);
      stream->n_untold++;
    }
  known->round = stream->round;
  if (!known->is_told)
    {
      say_worker (worker, lines);
      stream->n_untold--;
    }
  else if (known->last_seen_s == t)
    return;
  known->is_told = true;
  known->last_seen_s = t;
  say_memory (worker, t, lines);
  if (stream->takes_spans)
    say_values (worker, t, lines);
}

static void
tell_lost (WeftEventstream *stream, double now_s, GString *lines)
{
  GHashTableIter iter;
  void *name, *value;

  g_hash_table_iter_init (&iter, stream->workers);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      const WeftEventstreamWorker *worker = value;

      if (worker->round == stream->round)
        continue;
      _weft_eventstream_begin (lines, "gone");
      _weft_eventstream_text (lines, "w", name);
      _weft_eventstream_number (lines, "t", now_s);
      _weft_eventstream_end (lines);
      stream->n_untold -= !worker->is_told;
      g_hash_table_iter_remove (&iter);
    }
}

/* ---- identity -------------------------------------------------------------------------------- */

void
_weft_eventstream_scheduler_clear (WeftEventstreamScheduler *scheduler)
{
  g_clear_pointer (&scheduler->id, g_free);
  g_clear_pointer (&scheduler->address, g_free);
}

static void
take_text (WeftJson *json, char **text)
{
  g_free (*text);
  *text = _weft_eventstream_read_text (json);
}

static bool
read_identity (WeftJson *json, WeftEventstreamScheduler *scheduler, GArray *workers)
{
  g_autofree char *type = NULL;
  bool has_workers = false;

  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_OBJECT, "what a scheduler says of itself"))
    return false;
  while (_weft_json_next_name (json))
    if (_weft_json_is (json, "type"))
      take_text (json, &type);
    else if (_weft_json_is (json, "id"))
      take_text (json, &scheduler->id);
    else if (_weft_json_is (json, "address"))
      take_text (json, &scheduler->address);
    else if (_weft_json_is (json, "workers"))
      {
        read_workers (json, workers);
        has_workers = true;
      }
    else
      _weft_json_skip (json);
  return json->error == NULL && _weft_json_expect (json, WEFT_JSON_END, "the end")
         && ((has_workers && type != NULL && scheduler->id != NULL)
             || _weft_json_fail (json, WEFT_GRAPH_ERROR_FORMAT,
                                 "found no “type”, “id” and “workers”, which a scheduler has"));
}

bool
_weft_eventstream_take_identity (WeftEventstream *stream, const char *chars, size_t n_chars,
                                 bool is_all, double now_s, WeftEventstreamScheduler *scheduler,
                                 GString *lines, GError **error)
{
  g_autoptr (GArray) workers = g_array_new (FALSE, FALSE, sizeof (Worker));
  WeftEventstreamScheduler said = { 0 };
  WeftJson json;
  bool ok;

  g_array_set_clear_func (workers, worker_clear);
  _weft_json_init (&json, chars, n_chars, "json/identity.json");
  ok = read_identity (&json, &said, workers);
  stream->round += ok;
  for (guint i = 0; ok && i < workers->len; i++)
    tell_worker (stream, &g_array_index (workers, Worker, i), now_s, lines);
  if (ok && is_all)
    tell_lost (stream, now_s, lines);
  if (ok && scheduler != NULL)
    {
      _weft_eventstream_scheduler_clear (scheduler);
      *scheduler = said;
      said = (WeftEventstreamScheduler){ 0 };
    }
  _weft_eventstream_scheduler_clear (&said);
  _weft_json_finish (&json, error);
  _weft_json_clear (&json);
  return ok;
}

/* ---- counts ---------------------------------------------------------------------------------- */

static void
say_erred (WeftEventstream *stream, int64_t n_erred, double now_s, GString *lines)
{
  g_autofree char *text = NULL;

  if (n_erred > stream->n_erred)
    {
      text = g_strdup_printf ("%" G_GINT64_FORMAT
                              " %s failed, or needed one that did; the scheduler's event stream "
                              "tells neither which nor why",
                              n_erred, n_erred == 1 ? "task has" : "tasks have");
      _weft_eventstream_log (lines, now_s, LEVEL_WARNING, text);
    }
  stream->n_erred = n_erred;
}

bool
_weft_eventstream_take_counts (WeftEventstream *stream, const char *chars, size_t n_chars,
                               double now_s, GString *lines, GError **error)
{
  int64_t erred = -1, processing = -1, waiting = -1, in_memory = -1;
  const Place places[] = { { "erred", .count = &erred },
                           { "processing", .count = &processing },
                           { "waiting", .count = &waiting },
                           { "memory", .count = &in_memory } };
  WeftJson json;
  bool ok;

  _weft_json_init (&json, chars, n_chars, "json/counts.json");
  read_object (&json, places, G_N_ELEMENTS (places));
  ok = json.error == NULL && _weft_json_expect (&json, WEFT_JSON_END, "the end");
  if (ok && erred >= 0)
    say_erred (stream, erred, now_s, lines);
  if (ok && stream->takes_spans)
    {
      say_value (NULL, now_s, "processing", "tasks", (double) processing, lines);
      say_value (NULL, now_s, "waiting", "tasks", (double) waiting, lines);
      say_value (NULL, now_s, "in memory", "tasks", (double) in_memory, lines);
      say_value (NULL, now_s, "erred", "tasks", (double) erred, lines);
    }
  _weft_json_finish (&json, error);
  _weft_json_clear (&json);
  return ok;
}
