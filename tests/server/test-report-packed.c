/* test-report-packed.c: packed events say what the same events as lines say
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A run is made up and told three times: as lines, packed, and now this way, now that. The models
 * of the three files are the same.
 */
#include "config.h"

#include "model/model-fixture.h"
#include "server/weft-lines-private.h"
#include "server/weft-report-packed-private.h"

#define N_WORKERS 3
#define N_THREADS 2 /* of each */
#define N_SLOTS (N_WORKERS * N_THREADS)
#define BY_CLIENT (UINT32_MAX - 1)

typedef enum
{
  BY_LINES,
  BY_PACKED,
  BY_BOTH,
} Form;

/* Somebody who reports, in one of the forms. */
typedef struct
{
  Form form;
  char *path;
  WeftReport *report;
  WeftReportPacked packed;
  GHashTable *numbers;              /* key → the client's number + 1 */
  uint32_t worker_lanes[N_WORKERS]; /* the client's, or 0 */
  uint32_t slot_lanes[N_SLOTS];
  uint32_t n_lanes;
  GArray *waiting[N_SLOTS + 1]; /* WeftRecord: packed, not sent; [0]: of lane 0 */
} Reporter;

static Reporter *
reporter_new (const char *dir, Form form)
{
  Reporter *r = g_new0 (Reporter, 1);
  g_autofree char *name = g_strdup_printf ("%d.weft", form);
  g_autoptr (GError) error = NULL;

  r->form = form;
  r->path = g_build_filename (dir, name, NULL);
  r->report = _weft_report_new (&(WeftReportOptions){ .path = r->path }, &error);
  g_assert_no_error (error);
  _weft_report_packed_init (&r->packed, r->report);
  r->numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  r->n_lanes = 1;
  for (uint32_t i = 0; i <= N_SLOTS; i++)
    r->waiting[i] = g_array_new (FALSE, FALSE, sizeof (WeftRecord));
  return r;
}

static void
reporter_free (Reporter *r)
{
  for (uint32_t i = 0; i <= N_SLOTS; i++)
    g_array_unref (r->waiting[i]);
  g_hash_table_unref (r->numbers);
  _weft_report_packed_clear (&r->packed);
  _weft_report_free (r->report);
  g_free (r->path);
  g_free (r);
}

static void G_GNUC_PRINTF (2, 3) say (Reporter *r, const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  _weft_lines_take (r->report, &(WeftLinesClock){ 0 }, line, strlen (line), &error);
  g_assert_no_error (error);
}

static bool
try_take (Reporter *r, uint16_t kind, uint32_t lane, const void *payload, size_t n_bytes,
          uint64_t *offset, GError **error)
{
  g_autofree void *aligned = g_malloc0 (n_bytes + 1);
  WeftWireMessage message = {
    .head = { .n_bytes = (uint32_t) n_bytes, .kind = kind, .channel = 1, .lane = lane },
    .payload = aligned,
  };

  if (n_bytes > 0)
    memcpy (aligned, payload, n_bytes);
  return _weft_report_packed_take (&r->packed, &message, offset, error);
}

static void
take (Reporter *r, uint16_t kind, uint32_t lane, const void *payload, size_t n_bytes)
{
  g_autoptr (GError) error = NULL;
  uint64_t offset;

  try_take (r, kind, lane, payload, n_bytes, &offset, &error);
  g_assert_no_error (error);
}

/* ---- messages -------------------------------------------------------------------------------- */

static void
add_u32 (GByteArray *bytes, uint32_t value)
{
  g_byte_array_append (bytes, (const guint8 *) &value, sizeof value);
}

static void
add_key (GByteArray *bytes, const char *key)
{
  add_u32 (bytes, (uint32_t) strlen (key));
  g_byte_array_append (bytes, (const guint8 *) key, (guint) strlen (key));
}

/* The client's number of the task, which is said first if it was not. */
static uint32_t
number_of (Reporter *r, const char *key)
{
  uint32_t known = GPOINTER_TO_UINT (g_hash_table_lookup (r->numbers, key));
  uint32_t n = g_hash_table_size (r->numbers);
  g_autoptr (GByteArray) bytes = NULL;

  if (known > 0)
    return known - 1;
  bytes = g_byte_array_new ();
  add_u32 (bytes, n);
  add_u32 (bytes, 1);
  add_key (bytes, key);
  take (r, WEFT_WIRE_TASKS, 0, bytes->data, bytes->len);
  g_hash_table_insert (r->numbers, g_strdup (key), GUINT_TO_POINTER (n + 1));
  return n;
}

static uint32_t
say_lane (Reporter *r, const WeftLaneHead *what, const char *name)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  WeftLaneHead head = *what;

  head.lane = r->n_lanes++;
  head.n_name_bytes = (uint32_t) strlen (name);
  g_byte_array_append (bytes, (const guint8 *) &head, sizeof head);
  g_byte_array_append (bytes, (const guint8 *) name, head.n_name_bytes);
  take (r, WEFT_WIRE_LANE, 0, bytes->data, bytes->len);
  return head.lane;
}

/* The client's number of the lane of a worker's thread, as lines would name it: the @nth of its
 * worker's, and the worker the nth / 16th. */
static uint32_t
lane_of (Reporter *r, uint32_t slot, uint32_t nth)
{
  uint32_t worker = slot / N_THREADS;
  g_autofree char *name = g_strdup_printf ("w%u", worker);
  g_autofree char *below = g_strdup_printf ("w%u/%u", worker, nth % 16);

  if (r->worker_lanes[worker] == 0)
    r->worker_lanes[worker] = say_lane (
        r,
        &(WeftLaneHead){ .kind = WEFT_LANE_PROCESS, .parent_lane = WEFT_NONE, .worker = nth / 16 },
        name);
  if (r->slot_lanes[slot] == 0)
    r->slot_lanes[slot] = say_lane (r,
                                    &(WeftLaneHead){ .kind = WEFT_LANE_THREAD,
                                                     .parent_lane = r->worker_lanes[worker],
                                                     .worker = nth / 16,
                                                     .os_thread = 100 + slot },
                                    below);
  return r->slot_lanes[slot];
}

static void
send_records (Reporter *r)
{
  for (uint32_t i = 0; i <= N_SLOTS; i++)
    {
      if (r->waiting[i]->len > 0)
        take (r, WEFT_WIRE_RECORDS, i > 0 ? r->slot_lanes[i - 1] : 0, r->waiting[i]->data,
              r->waiting[i]->len * sizeof (WeftRecord));
      g_array_set_size (r->waiting[i], 0);
    }
}

/* ---- one event, in the reporter's form ------------------------------------------------------- */

static bool
as_line (Reporter *r)
{
  bool line = r->form == BY_LINES || (r->form == BY_BOTH && g_test_rand_int_range (0, 2));

  if (line)
    send_records (r);
  return line;
}

static void
tell_task (Reporter *r, const char *key, const char *input)
{
  if (!as_line (r))
    {
      uint32_t pair[2] = { number_of (r, key) };

      if (input == NULL)
        return;
      pair[1] = number_of (r, input);
      take (r, WEFT_WIRE_INPUTS, 0, pair, sizeof pair);
    }
  else if (input == NULL)
    say (r, "{\"e\":\"add\",\"k\":\"%s\"}", key);
  else
    say (r, "{\"e\":\"add\",\"k\":\"%s\",\"inputs\":[\"%s\"]}", key, input);
}

static void
wait_span (Reporter *r, const char *key, uint32_t slot, uint32_t nth, WeftOutcome outcome,
           uint64_t start, uint64_t duration, uint64_t n_bytes)
{
  WeftRecord record;

  weft_record_set (&record, WEFT_RECORD_TASK, 0, (uint8_t) (WEFT_HOW_FOREIGN | outcome << 4),
                   number_of (r, key), BY_CLIENT, start, duration, n_bytes);
  lane_of (r, slot, nth);
  g_array_append_val (r->waiting[slot + 1], record);
  if (g_test_rand_int_range (0, 10) == 0)
    send_records (r);
}

static void
tell_span (Reporter *r, const char *key, uint32_t slot, uint32_t nth, uint64_t start,
           uint64_t duration, uint64_t n_bytes)
{
  if (as_line (r))
    say (r, "{\"e\":\"task\",\"k\":\"%s\",\"w\":\"w%u\",\"h\":%u,\"s\":%u,\"d\":%u,\"b\":%u}", key,
         slot / N_THREADS, 100 + slot, (guint) start, (guint) duration, (guint) n_bytes);
  else
    wait_span (r, key, slot, nth, WEFT_OUTCOME_OK, start, duration, n_bytes);
}

static void
tell_start (Reporter *r, const char *key, uint32_t slot, uint32_t nth, uint64_t start)
{
  if (as_line (r))
    say (r, "{\"e\":\"start\",\"k\":\"%s\",\"w\":\"w%u\",\"h\":%u,\"t\":%u}", key, slot / N_THREADS,
         100 + slot, (guint) start);
  else
    wait_span (r, key, slot, nth, WEFT_OUTCOME_RUNNING, start, 0, 0);
  send_records (r);
}

static void
tell_end (Reporter *r, const char *key, uint32_t slot, uint32_t nth, bool failed, uint64_t start,
          uint64_t end)
{
  if (!as_line (r))
    wait_span (r, key, slot, nth, failed ? WEFT_OUTCOME_FAILED : WEFT_OUTCOME_OK, start,
               end - start, 0);
  else if (failed)
    say (r, "{\"e\":\"fail\",\"k\":\"%s\",\"t\":%u}", key, (guint) end);
  else
    say (r, "{\"e\":\"end\",\"k\":\"%s\",\"t\":%u}", key, (guint) end);
  send_records (r);
}

static void
tell_point (Reporter *r, const char *key, WeftRecordKind kind, uint64_t stamp)
{
  const char *name = kind == WEFT_RECORD_READY      ? "ready"
                     : kind == WEFT_RECORD_RELEASED ? "release"
                                                    : "cancel";
  WeftRecord record;

  if (as_line (r))
    {
      say (r, "{\"e\":\"%s\",\"k\":\"%s\",\"t\":%u}", name, key, (guint) stamp);
      return;
    }
  weft_record_set (&record, (uint8_t) kind, 0, 0, number_of (r, key), BY_CLIENT, stamp, 0, 0);
  g_array_append_val (r->waiting[0], record);
}

/* ---- a run that is made up ------------------------------------------------------------------- */

typedef struct
{
  GPtrArray *reporters;
  uint64_t clocks[N_SLOTS]; /* how far each thread is */
  uint32_t n_below[N_WORKERS], n_workers;
  uint32_t orders[N_WORKERS];
  uint32_t nths[N_SLOTS]; /* the how manieth of its worker's threads, + 1 */
  uint32_t n_tasks, last_slot;
} Story;

#define TELL(story, how, ...)                            \
  for (guint i_ = 0; i_ < (story)->reporters->len; i_++) \
  how ((story)->reporters->pdata[i_], __VA_ARGS__)

static char *
any_key (Story *story)
{
  return g_strdup_printf ("step-%d", g_test_rand_int_range (0, (int) story->n_tasks));
}

/* The thread in which the next thing happens, when what happened in others was sent, as attempts
 * are counted in the order in which they are told. @nth: as how manieth of its worker's it was
 * first heard of, see lane_of() */
static uint32_t
any_slot (Story *story, uint32_t *nth)
{
  uint32_t slot = (uint32_t) g_test_rand_int_range (0, N_SLOTS);

  for (guint i = 0; slot != story->last_slot && i < story->reporters->len; i++)
    send_records (story->reporters->pdata[i]);
  story->last_slot = slot;
  if (story->orders[slot / N_THREADS] == 0)
    story->orders[slot / N_THREADS] = ++story->n_workers;
  if (story->nths[slot] == 0)
    story->nths[slot] = ++story->n_below[slot / N_THREADS];
  *nth = story->nths[slot] - 1 + 16 * (story->orders[slot / N_THREADS] - 1);
  return slot;
}

/* No two are at the same moment, as the same task's in two threads would be one attempt. */
static uint64_t
next_start (const Story *story, uint32_t slot)
{
  uint64_t start = story->clocks[slot] + (uint64_t) g_test_rand_int_range (1, 50);

  return start - start % N_SLOTS + N_SLOTS + slot;
}

static void
happen_task (Story *story)
{
  g_autofree char *input = story->n_tasks > 0 ? any_key (story) : NULL;
  g_autofree char *key = g_strdup_printf ("step-%u", story->n_tasks++);

  if (g_test_rand_int_range (0, 2))
    g_clear_pointer (&input, g_free);
  TELL (story, tell_task, key, input);
}

static void
happen_span (Story *story)
{
  g_autofree char *key = any_key (story);
  uint32_t nth, slot = any_slot (story, &nth);
  uint64_t start = next_start (story, slot);
  uint64_t duration = (uint64_t) g_test_rand_int_range (0, 100);

  TELL (story, tell_span, key, slot, nth, start, duration, start % 1000);
  story->clocks[slot] = start + duration;
}

static void
happen_start_and_end (Story *story)
{
  g_autofree char *key = any_key (story);
  uint32_t nth, slot = any_slot (story, &nth);
  uint64_t start = next_start (story, slot);
  uint64_t end = start + (uint64_t) g_test_rand_int_range (1, 100);

  TELL (story, tell_start, key, slot, nth, start);
  TELL (story, tell_end, key, slot, nth, g_test_rand_int_range (0, 1), start, end);
  story->clocks[slot] = end;
}

static void
happen_failure (Story *story)
{
  g_autofree char *key = any_key (story);
  uint32_t nth, slot = any_slot (story, &nth);
  uint64_t start = next_start (story, slot);

  TELL (story, tell_start, key, slot, nth, start);
  TELL (story, tell_end, key, slot, nth, true, start, start + 7);
  story->clocks[slot] = start + 7;
}

static void
happen_point (Story *story)
{
  const WeftRecordKind kinds[] = { WEFT_RECORD_READY, WEFT_RECORD_RELEASED, WEFT_RECORD_CANCELLED };
  g_autofree char *key = any_key (story);
  WeftRecordKind kind = kinds[g_test_rand_int_range (0, 3)];
  uint64_t stamp = (uint64_t) g_test_rand_int_range (1, 10000);

  TELL (story, tell_point, key, kind, stamp);
}

static void
happen_flush (Story *story)
{
  for (guint i = 0; i < story->reporters->len; i++)
    {
      Reporter *r = story->reporters->pdata[i];
      g_autoptr (GError) error = NULL;

      send_records (r);
      _weft_report_flush (r->report, &error);
      g_assert_no_error (error);
    }
}

static void
tell_story (Story *story, uint32_t n)
{
  void (*const happenings[]) (Story *) = { happen_task,    happen_span,  happen_span,
                                           happen_span,    happen_point, happen_start_and_end,
                                           happen_failure, happen_flush };

  happen_task (story);
  for (uint32_t i = 0; i < n; i++)
    happenings[g_test_rand_int_range (0, G_N_ELEMENTS (happenings))](story);
  happen_start_and_end (story); /* so there is at least one span */
  happen_flush (story);
}

static void
assert_same_run (WeftModel *a, WeftModel *b)
{
  WeftModelSnapshot x, y;

  weft_model_snapshot (a, &x);
  weft_model_snapshot (b, &y);
  g_assert_cmpuint (x.n_tasks, ==, y.n_tasks);
  g_assert_cmpuint (x.n_lanes, ==, y.n_lanes);
  g_assert_cmpuint (x.n_groups, ==, y.n_groups);
  g_assert_cmpuint (x.n_spans, ==, y.n_spans);
  g_assert_cmpmem (x.n_states, sizeof x.n_states, y.n_states, sizeof y.n_states);
  assert_same_lanes (a, b, x.n_lanes);
  assert_same_tasks (a, b, x.n_tasks);
  assert_same_groups (a, b, x.n_groups);
}

static void
test_twins (void)
{
  for (uint32_t round = 0; round < 30 / test_slowdown (); round++)
    {
      g_autoptr (TestDir) dir = test_dir_new ();
      g_autoptr (GPtrArray) reporters = g_ptr_array_new ();
      Story story = { .reporters = reporters };
      WeftModel *models[3];

      for (int form = BY_LINES; form <= BY_BOTH; form++)
        g_ptr_array_add (reporters, reporter_new (dir, (Form) form));
      tell_story (&story, 300);
      for (guint i = 0; i < 3; i++)
        models[i] = model_of_file (((Reporter *) reporters->pdata[i])->path);
      assert_same_run (models[0], models[1]);
      assert_same_run (models[0], models[2]);
      for (guint i = 0; i < 3; i++)
        {
          assert_counts (models[i]);
          weft_model_unref (models[i]);
          reporter_free (reporters->pdata[i]);
        }
    }
}

/* ---- one reporter ---------------------------------------------------------------------------- */

typedef struct
{
  char *dir;
  Reporter *r;
} Fixture;

static void
set_up (Fixture *f, const void *unused)
{
  f->dir = test_dir_new ();
  f->r = reporter_new (f->dir, BY_PACKED);
}

static void
tear_down (Fixture *f, const void *unused)
{
  reporter_free (f->r);
  test_dir_free (f->dir);
}

static void
flush (Reporter *r)
{
  g_autoptr (GError) error = NULL;

  _weft_report_flush (r->report, &error);
  g_assert_no_error (error);
}

static WeftModel *
finish (Reporter *r)
{
  g_autoptr (GError) error = NULL;

  send_records (r);
  _weft_report_finish (r->report, WEFT_RUN_DONE, "{}", &error);
  g_assert_no_error (error);
  return model_of_file (r->path);
}

/* What a lane of that name runs now. */
static char *
running_in (Reporter *r, const char *name)
{
  WeftModel *model = NULL;
  WeftModelSnapshot snapshot;
  char *key = NULL;

  flush (r);
  model = model_of_file (r->path);
  weft_model_snapshot (model, &snapshot);
  for (uint32_t i = 0; i < snapshot.n_lanes; i++)
    {
      WeftModelLane lane;
      WeftModelNow now;

      weft_model_lane (model, i, &lane);
      if (g_str_equal (lane.name, name) && weft_model_now (model, i, &now))
        key = weft_model_task_dup_key (model, now.task);
    }
  weft_model_unref (model);
  return key;
}

static void
assert_running (Reporter *r, const char *name, const char *expected)
{
  g_autofree char *key = running_in (r, name);

  g_assert_cmpstr (key, ==, expected);
}

static void
test_running (Fixture *f, const void *unused)
{
  WeftModel *model;

  tell_start (f->r, "a", 0, 0, 1000);
  assert_running (f->r, "w0/0", "a");
  tell_start (f->r, "a", 0, 0, 1000); /* again: the same attempt */
  tell_start (f->r, "b", 0, 0, 1100); /* within it */
  assert_running (f->r, "w0/0", "b");
  tell_end (f->r, "b", 0, 0, false, 1100, 1200);
  tell_start (f->r, "a", 0, 0, 1000);
  assert_running (f->r, "w0/0", "a");
  tell_end (f->r, "a", 0, 0, false, 1000, 1300);
  tell_start (f->r, "a", 0, 0, 1000); /* too late: it has ended */
  assert_running (f->r, "w0/0", NULL);
  tell_start (f->r, "a", 0, 0, 1400);
  assert_running (f->r, "w0/0", "a");
  tell_end (f->r, "a", 0, 0, true, 1400, 1500);
  model = finish (f->r);
  g_assert_cmpuint (weft_model_task_attempts (model, weft_model_find_key (model, "a")), ==, 2);
  g_assert_cmpuint (weft_model_task_attempts (model, weft_model_find_key (model, "b")), ==, 1);
  weft_model_unref (model);
}

/* Both that run within one another are closed when the run ends. */
static void
test_end_closes_all (Fixture *f, const void *unused)
{
  WeftModelSnapshot snapshot;
  WeftModel *model;

  tell_start (f->r, "a", 0, 0, 1000);
  tell_start (f->r, "b", 0, 0, 1100);
  model = finish (f->r);
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpuint (snapshot.n_states[WEFT_TASK_RUNNING], ==, 0);
  g_assert_cmpuint (snapshot.n_states[WEFT_TASK_CANCELLED], ==, 2);
  weft_model_unref (model);
}

/* A row of the worker that the lane is below, whatever number the client gives it in the head. */
static void
test_worker_by_parent (Fixture *f, const void *unused)
{
  const uint32_t nth = 16 * 248; /* the worker 248 */
  WeftModelSnapshot snapshot;
  WeftModelLane row;
  WeftModel *model;

  tell_start (f->r, "a", 0, nth, 1000);
  tell_span (f->r, "b", 0, nth, 1100, 100, 0);
  send_records (f->r);
  say (f->r, "{\"e\":\"end\",\"k\":\"a\",\"t\":1300}");
  model = finish (f->r);
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpuint (snapshot.n_lanes, ==, 4);
  weft_model_lane (model, 3, &row);
  g_assert_cmpstr (row.name, ==, "w0/1");
  g_assert_cmpuint (row.parent_lane, ==, 1);
  g_assert_cmpuint (weft_spans_n (row.spans), ==, 1);
  weft_model_unref (model);
}

static void
test_long_span (Fixture *f, const void *unused)
{
  uint64_t end = 3 * (WEFT_RECORD_MAX_DURATION / 2), start = 10;
  uint32_t lane = lane_of (f->r, 0, 0), task = number_of (f->r, "a");
  WeftModelLane in;
  WeftModel *model;
  WeftRecord record;

  do
    {
      start = weft_record_set_span (&record, WEFT_RECORD_TASK, 0, WEFT_HOW_FOREIGN, task, BY_CLIENT,
                                    start, end, 0);
      take (f->r, WEFT_WIRE_RECORDS, lane, &record, sizeof record); /* each by itself */
      flush (f->r);
    }
  while (start < end);
  model = finish (f->r);
  weft_model_lane (model, 2, &in);
  g_assert_cmpuint (weft_spans_n (in.spans), ==, 2);
  g_assert_cmpuint (weft_model_task_attempts (model, 0), ==, 1);
  weft_model_unref (model);
}

/* ---- what is wrong --------------------------------------------------------------------------- */

typedef struct
{
  const char *message;
  uint64_t offset; /* a good record stands before it */
  uint32_t lane;
  WeftRecord record;
} BadRecord;

/* kind, flags, how, task, segment, duration, start */
#define RECORD(k, f, h, t, s, d, at)                                       \
  {                                                                        \
    .kind = k, .flags = f, .how = h, .task = t, .segment = s, .start = at, \
    .duration_amount = (uint64_t) (d) << 16                                \
  }
#define FOREIGN WEFT_HOW_FOREIGN
#define RUNNING (WEFT_HOW_FOREIGN | WEFT_OUTCOME_RUNNING << 4)

static const BadRecord bad_records[] = {
  { "found a record of kind 0", 32, 2, RECORD (0, 0, FOREIGN, 0, BY_CLIENT, 0, 0) },
  { "found a record of kind 2,", 32, 2, RECORD (2, 0, FOREIGN, 0, BY_CLIENT, 0, 0) },
  { "found a record of kind 130", 32, 2, RECORD (130, 0, FOREIGN, 0, BY_CLIENT, 0, 0) },
  { "with the flags 0x10", 33, 2, RECORD (1, 0x10, FOREIGN, 0, BY_CLIENT, 0, 0) },
  { "with the flags 0x80", 33, 2, RECORD (1, 0x80, FOREIGN, 0, BY_CLIENT, 0, 0) },
  { "found task 2, expected one below 2", 36, 2, RECORD (1, 0, FOREIGN, 2, BY_CLIENT, 0, 0) },
  { "found task 4294967295", 36, 2, RECORD (1, 0, FOREIGN, WEFT_NONE, BY_CLIENT, 0, 0) },
  { "of segment 0, expected 0xfffffffe", 40, 2, RECORD (1, 0, FOREIGN, 0, 0, 0, 0) },
  { "a task's span in lane 0", 32, 0, RECORD (1, 0, FOREIGN, 0, BY_CLIENT, 0, 1) },
  { "came to the lane in way 6", 34, 2, RECORD (1, 0, 6, 0, BY_CLIENT, 0, 0) },
  { "found the outcome 7", 34, 2, RECORD (1, 0, 0x75, 0, BY_CLIENT, 0, 0) },
  { "where nothing has ended", 48, 2, RECORD (1, 0, RUNNING, 0, BY_CLIENT, 1, 0) },
  { "where nothing has ended", 48, 2, RECORD (15, 0, 0, 0, BY_CLIENT, 1, 0) },
  { "ends at 9223372036854775808, exp", 56, 2, RECORD (1, 0, 5, 0, BY_CLIENT, 1, INT64_MAX) },
  { "expected an end below 2^63", 56, 2, RECORD (1, 0, 5, 0, BY_CLIENT, 0, UINT64_MAX) },
  { "found records of lane 3, expected one of the 3", 0, 3, RECORD (1, 0, 5, 0, BY_CLIENT, 0, 0) },
};

static void
expect_bad (Reporter *r, uint16_t kind, uint32_t lane, const void *payload, size_t n_bytes,
            uint64_t offset, const char *message)
{
  uint32_t n_tasks = _weft_report_n_tasks (r->report);
  uint32_t n_waiting = _weft_report_n_waiting (r->report);
  g_autoptr (GError) error = NULL;
  uint64_t at = UINT64_MAX;

  g_assert_false (try_take (r, kind, lane, payload, n_bytes, &at, &error));
  g_assert_nonnull (error);
  if (error->domain != WEFT_GRAPH_ERROR || strstr (error->message, message) == NULL)
    g_error ("expected “%s”: %s", message, error->message);
  g_assert_cmpuint (at, ==, offset);
  g_assert_cmpuint (_weft_report_n_tasks (r->report), ==, n_tasks);
  g_assert_cmpuint (_weft_report_n_waiting (r->report), ==, n_waiting);
  g_assert_false (try_take (r, kind, lane, payload, n_bytes, &at, NULL));
}

/* Two tasks and the lanes 1 and 2. */
static void
say_half (Reporter *r)
{
  number_of (r, "a");
  number_of (r, "b");
  lane_of (r, 0, 0);
}

/* What is said after all that is there, and nothing of it. */
static void
assert_goes_on (Reporter *r)
{
  WeftModelSnapshot snapshot;
  WeftModel *model;

  tell_span (r, "a", 0, 0, 100, 10, 0);
  tell_span (r, "c", 1, 1, 100, 10, 0);
  tell_task (r, "c", "a");
  model = finish (r);
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpuint (snapshot.n_tasks, ==, 3);
  g_assert_cmpuint (snapshot.n_lanes, ==, 4);
  g_assert_cmpuint (snapshot.n_spans, ==, 2 + 2); /* 2: what the run's state was */
  weft_model_unref (model);
}

static void
test_bad_records (Fixture *f, const void *unused)
{
  WeftRecord records[2] = { RECORD (1, 0, FOREIGN, 0, BY_CLIENT, 0, 5) };

  say_half (f->r);
  for (size_t i = 0; i < G_N_ELEMENTS (bad_records); i++)
    {
      const BadRecord *bad = &bad_records[i];

      records[0].kind = bad->lane == 0 ? WEFT_RECORD_READY : WEFT_RECORD_TASK;
      records[1] = bad->record;
      expect_bad (f->r, WEFT_WIRE_RECORDS, bad->lane, records, sizeof records, bad->offset,
                  bad->message);
    }
  expect_bad (f->r, WEFT_WIRE_RECORDS, 2, records, 40, 32, "a part of a record at the end");
  assert_goes_on (f->r);
}

static void
expect_bad_tasks (Reporter *r, uint32_t first, uint32_t n, const char *keys, size_t n_bytes,
                  uint64_t offset, const char *message)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  add_u32 (bytes, first);
  add_u32 (bytes, n);
  g_byte_array_append (bytes, (const guint8 *) keys, (guint) n_bytes);
  expect_bad (r, WEFT_WIRE_TASKS, 0, bytes->data, bytes->len, offset, message);
}

static void
test_bad_tasks (Fixture *f, const void *unused)
{
  g_autoptr (GByteArray) long_key = g_byte_array_new ();

  say_half (f->r);
  expect_bad (f->r, WEFT_WIRE_TASKS, 0, "\2\0\0\0", 4, 0, "found 4 bytes, expected a number");
  expect_bad_tasks (f->r, 1, 1, "\1\0\0\0c", 5, 0, "first task's number 1, expected 2");
  expect_bad_tasks (f->r, 3, 1, "\1\0\0\0c", 5, 0, "first task's number 3, expected 2");
  expect_bad_tasks (f->r, 2, WEFT_NONE, "\1\0\0\0c", 5, 4, "found 4294967295 tasks");
  expect_bad_tasks (f->r, 2, 2, "\1\0\0\0c", 5, 13, "found 1 keys, expected 2");
  expect_bad_tasks (f->r, 2, 2, "\1\0\0\0c\1\0", 7, 13, "found 1 keys, expected 2");
  expect_bad_tasks (f->r, 2, 1, "\2\0\0\0c", 5, 8, "found a key of 2 bytes, expected at most 1");
  expect_bad_tasks (f->r, 2, 1, "\377\377\377\377c", 5, 8, "found a key of 4294967295 bytes");
  expect_bad_tasks (f->r, 2, 1, "\1\0\0\0cd", 6, 13, "found 1 bytes behind the last key");
  expect_bad_tasks (f->r, 2, 1, "\0\0\0\0", 4, 12, "found an empty key");
  expect_bad_tasks (f->r, 2, 1, "\2\0\0\0c\377", 6, 12, "found the byte 0xff in a key");
  expect_bad_tasks (f->r, 2, 1, "\3\0\0\0c\0d", 7, 12, "found the byte 0x00 in a key");
  add_u32 (long_key, 65536);
  g_byte_array_set_size (long_key, 4 + 65536);
  memset (long_key->data + 4, 'x', 65536);
  expect_bad_tasks (f->r, 2, 1, (const char *) long_key->data, long_key->len, 12,
                    "found a key of 65536 bytes, expected at most 65535");
  expect_bad (f->r, WEFT_WIRE_TASKS, 1, "\2\0\0\0\0\0\0\0", 8, 0, "found lane 1 in the message's");
  assert_goes_on (f->r);
}

static void
test_bad_inputs (Fixture *f, const void *unused)
{
  const uint32_t unknown_task[] = { 1, 0, 2, 0 }, unknown_input[] = { 1, 0, 0, 7 };
  const uint32_t itself[] = { 1, 0, 1, 1 };

  say_half (f->r);
  expect_bad (f->r, WEFT_WIRE_INPUTS, 0, unknown_task, 16, 8, "found task 2, expected one below 2");
  expect_bad (f->r, WEFT_WIRE_INPUTS, 0, unknown_input, 16, 12, "found task 7, expected one below");
  expect_bad (f->r, WEFT_WIRE_INPUTS, 0, itself, 16, 8, "found task 1 reading itself");
  expect_bad (f->r, WEFT_WIRE_INPUTS, 0, itself, 12, 8, "found half a pair at the end");
  assert_goes_on (f->r);
}

static void
expect_bad_lane (Reporter *r, const WeftLaneHead *head, const char *name, size_t n_name,
                 uint64_t offset, const char *message)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_byte_array_append (bytes, (const guint8 *) head, sizeof *head);
  g_byte_array_append (bytes, (const guint8 *) name, (guint) n_name);
  expect_bad (r, WEFT_WIRE_LANE, 0, bytes->data, bytes->len, offset, message);
}

#define LANE(n, k, p, d, n_name)                                                \
  &(WeftLaneHead)                                                               \
  {                                                                             \
    .lane = n, .kind = k, .parent_lane = p, .domain = d, .n_name_bytes = n_name \
  }

static void
test_bad_lanes (Fixture *f, const void *unused)
{
  g_autofree char *long_name = g_strnfill (4097, 'n');

  say_half (f->r);
  expect_bad (f->r, WEFT_WIRE_LANE, 0, LANE (3, 0, WEFT_NONE, 0, 0), 55, 0,
              "found 55 bytes, expected a lane");
  expect_bad_lane (f->r, LANE (2, 0, WEFT_NONE, 0, 0), "", 0, 0, "found the lane 2, expected 3");
  expect_bad_lane (f->r, LANE (4, 0, WEFT_NONE, 0, 0), "", 0, 0, "found the lane 4, expected 3");
  expect_bad_lane (f->r, LANE (3, 3, WEFT_NONE, 0, 0), "", 0, 4, "found a lane of role 3");
  expect_bad_lane (f->r, LANE (3, 6, WEFT_NONE, 0, 0), "", 0, 4, "found a lane of role 6");
  expect_bad_lane (f->r, LANE (3, 0, 3, 0, 0), "", 0, 8, "found the parent 3");
  expect_bad_lane (f->r, LANE (3, 0, 0, 0, 0), "", 0, 8, "found the parent 0");
  expect_bad_lane (f->r, LANE (3, 0, WEFT_NONE, 1, 0), "", 0, 12, "found the clock domain 1");
  expect_bad_lane (f->r, LANE (3, 0, WEFT_NONE, 0, 2), "x", 1, 48, "found a name of 2 bytes");
  expect_bad_lane (f->r, LANE (3, 0, WEFT_NONE, 0, 0), "x", 1, 48, "found a name of 0 bytes");
  expect_bad_lane (f->r, LANE (3, 0, WEFT_NONE, 0, 2), "x\377", 2, 57,
                   "found the byte 0xff in a na");
  expect_bad_lane (f->r, LANE (3, 0, WEFT_NONE, 0, 2), "x\0", 2, 57,
                   "found the byte 0x00 in a name");
  expect_bad_lane (f->r, LANE (3, 0, WEFT_NONE, 0, 4097), long_name, 4097, 48,
                   "found a name of 4097 bytes, expected at most 4096");
  assert_goes_on (f->r);
}

static void
test_bad_messages (Fixture *f, const void *unused)
{
  WeftWireMessage message = { .head = { .kind = WEFT_WIRE_INPUTS, .flags = 1 } };
  g_autoptr (GError) error = NULL;
  uint64_t offset;

  say_half (f->r);
  expect_bad (f->r, WEFT_WIRE_JSON, 0, "{}", 2, 0, "found a message of kind 256");
  g_assert_false (_weft_report_packed_take (&f->r->packed, &message, &offset, &error));
  g_assert_nonnull (strstr (error->message, "with the flags 0x1"));
  assert_goes_on (f->r);
}

static void
test_too_many_lanes (Fixture *f, const void *unused)
{
  WeftLaneHead head = { .kind = WEFT_LANE_HOST, .parent_lane = WEFT_NONE };

  while (f->r->n_lanes < WEFT_REPORT_PACKED_MAX_LANES)
    say_lane (f->r, &head, "h");
  head.lane = f->r->n_lanes;
  expect_bad_lane (f->r, &head, "", 0, 0, "found one more lane, expected at most 65536");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("server", "report-packed", "twins", test_twins);
#define ADD(name, func) \
  g_test_add ("/weft/server/report-packed/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("running", test_running);
  ADD ("end-closes-all", test_end_closes_all);
  ADD ("worker-by-parent", test_worker_by_parent);
  ADD ("long-span", test_long_span);
  ADD ("bad-records", test_bad_records);
  ADD ("bad-tasks", test_bad_tasks);
  ADD ("bad-inputs", test_bad_inputs);
  ADD ("bad-lanes", test_bad_lanes);
  ADD ("bad-messages", test_bad_messages);
  ADD ("too-many-lanes", test_too_many_lanes);
  return g_test_run ();
}
