/* transfer-fixture.h: run files of clusters that never were
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "../model/model-fixture.h"

#include "weft.h"

#define MADE_TASKS 100
#define MADE_GROUPS 5

/* What a made run has. @n_hosts: 0: nobody says which; @n_transfers: in all; @n_unknown: of which
 * nobody says who sent them; @n_failures: of tasks */
typedef struct
{
  uint32_t n_workers, n_hosts, n_transfers, n_unknown;
  guint32 seed;
} MadeRun;

/* A transfer. @from: WEFT_NONE: nobody says so */
typedef struct
{
  uint32_t from, to, task;
  int64_t start_ns, end_ns;
  uint64_t bytes;
} MadeTransfer;

static inline uint64_t
made_clock (void *data G_GNUC_UNUSED)
{
  return UINT64_C (10000000000);
}

static inline bool
made_piece (void *data, WeftSegmentPiece *piece)
{
  return weft_graph_encoder_next (data, piece->number, piece->bytes, &piece->first_task,
                                  &piece->n_tasks);
}

static inline void
made_free (void *data)
{
  weft_graph_encoder_free (data);
}

/* Tasks of a few groups: task i is of group i % MADE_GROUPS. */
static inline void
made_add_graph (WeftRecorder *recorder)
{
  static const char *const names[MADE_GROUPS] = { "load", "rechunk-merge", "sum", "mAdd", "tiny" };
  GString *text = g_string_new ("{\"weftline\": 1, \"name\": \"made\", \"tasks\": {");
  g_autoptr (GError) error = NULL;
  WeftGraph *graph;

  for (uint32_t i = 0; i < MADE_TASKS; i++)
    g_string_append_printf (text, "%s\"%s-%u\": {\"op\": \"identity\", \"args\": [1]}",
                            i > 0 ? ", " : "", names[i % MADE_GROUPS], i);
  g_string_append (text, "}}");
  graph = weft_graph_read_bytes (text->str, text->len, "made", WEFT_GRAPH_FORMAT_NATIVE, &error);
  g_assert_no_error (error);
  weft_recorder_segment (recorder, 0, WEFT_NONE, WEFT_NONE, made_piece,
                         weft_graph_encoder_new (graph), made_free);
  weft_graph_unref (graph);
  g_string_free (text, TRUE);
}

static inline void
made_note_state (WeftRecorder *recorder, WeftRunPhase phase, uint64_t at)
{
  WeftRecord record;

  weft_record_set (&record, WEFT_RECORD_RUN_STATE, 0, (uint8_t) phase, WEFT_NONE, WEFT_NONE, at, 0,
                   0);
  weft_recorder_note (recorder, &record);
}

/* A worker is a process with a thread, whose lanes have its number. */
typedef struct
{
  WeftLane *process, *thread;
  uint64_t at; /* the thread is busy until then */
} MadeWorker;

static inline void
made_add_workers (WeftRecorder *recorder, const MadeRun *run, MadeWorker *workers)
{
  g_autofree WeftLane **hosts = g_new0 (WeftLane *, MAX (run->n_hosts, 1));

  for (uint32_t i = 0; i < run->n_hosts; i++)
    {
      g_autofree char *name = g_strdup_printf ("node%02u", i);

      hosts[i] = weft_recorder_add_lane (recorder, &(WeftLaneInfo){ .kind = WEFT_LANE_HOST,
                                                                    .parent_lane = WEFT_NONE,
                                                                    .worker = WEFT_NONE,
                                                                    .name = name });
    }
  for (uint32_t i = 0; i < run->n_workers; i++)
    {
      g_autofree char *name = g_strdup_printf ("tcp://10.0.0.%u:%u", 1 + i / 4, 40001 + i);
      uint32_t host = run->n_hosts > 0 ? hosts[i % run->n_hosts]->id : WEFT_NONE;

      workers[i].process = weft_recorder_add_lane (
          recorder,
          &(WeftLaneInfo){
              .kind = WEFT_LANE_PROCESS, .parent_lane = host, .worker = i, .name = name });
      workers[i].thread =
          weft_recorder_add_lane (recorder, &(WeftLaneInfo){ .kind = WEFT_LANE_THREAD,
                                                             .parent_lane = workers[i].process->id,
                                                             .worker = i,
                                                             .name = name });
      workers[i].at = 2000000;
    }
}

static inline void
made_write (WeftLane *lane, const MadeTransfer *transfer, const MadeWorker *workers)
{
  uint32_t n = transfer->from != WEFT_NONE ? 2 : 1;
  WeftRecord *records = weft_lane_next_n (lane, n);

  weft_record_set (&records[0], WEFT_RECORD_TRANSFER, 0, 0, transfer->task, 0,
                   (uint64_t) transfer->start_ns,
                   (uint64_t) (transfer->end_ns - transfer->start_ns), transfer->bytes);
  if (n > 1)
    weft_record_set (&records[1], WEFT_RECORD_PEER, WEFT_RECORD_DETAIL, 0, WEFT_NONE, WEFT_NONE,
                     (uint64_t) transfer->end_ns, 0,
                     /* either lane is the worker */
                     transfer->bytes % 2 ? workers[transfer->from].process->id
                                         : workers[transfer->from].thread->id);
  weft_lane_publish_n (lane, n);
}

/* Some workers have more to do with each other than others have. */
static inline void
made_draw (GRand *rand, const MadeRun *run, uint32_t i, MadeWorker *workers, MadeTransfer *transfer)
{
  int32_t n = (int32_t) run->n_workers;
  uint32_t task = (uint32_t) g_rand_int_range (rand, 0, MADE_TASKS);
  double speed = (task % MADE_GROUPS + 1) * 4e7 * g_rand_double_range (rand, 0.4, 1.6);
  int64_t ns;

  transfer->to = (uint32_t) (g_rand_double (rand) * g_rand_double (rand) * n);
  transfer->from = (uint32_t) g_rand_int_range (rand, 0, n);
  if (transfer->from == transfer->to && n > 1)
    transfer->from = (transfer->from + 1) % (uint32_t) n;
  if (i < run->n_unknown)
    transfer->from = WEFT_NONE;
  transfer->task = task;
  transfer->bytes =
      (uint64_t) g_rand_int_range (rand, 0, 40) == 0
          ? 0
          : (uint64_t) (1e4 * (1 + task % MADE_GROUPS) * g_rand_double_range (rand, 1, 900));
  ns = (int64_t) ((double) transfer->bytes / speed * 1e9) + g_rand_int_range (rand, 0, 20000);
  transfer->start_ns = (int64_t) workers[transfer->to].at;
  transfer->end_ns = transfer->start_ns + ns;
  workers[transfer->to].at += (uint64_t) ns + (uint64_t) g_rand_int_range (rand, 1000, 3000000);
}

/* Writes the file. @truth: (nullable) (element-type MadeTransfer): what is in it, as times since
 * the run's start */
static inline void
made_run_write (const char *path, const MadeRun *run, GArray *truth)
{
  g_autoptr (GError) error = NULL;
  g_autofree MadeWorker *workers = g_new0 (MadeWorker, MAX (run->n_workers, 1));
  g_autoptr (GRand) rand = g_rand_new_with_seed (run->seed);
  WeftRecorder *recorder = weft_recorder_new (
      &(WeftRecorderOptions){ .path = path, .clock = made_clock, .meta_json = "{}" }, &error);
  uint64_t end = 3000000;

  g_assert_no_error (error);
  made_note_state (recorder, WEFT_RUN_RUNNING, 1000000);
  made_add_graph (recorder);
  made_add_workers (recorder, run, workers);
  for (uint32_t i = 0; i < run->n_transfers; i++)
    {
      MadeTransfer transfer;

      made_draw (rand, run, i, workers, &transfer);
      made_write (i % 2 ? workers[transfer.to].process : workers[transfer.to].thread, &transfer,
                  workers);
      end = MAX (end, (uint64_t) transfer.end_ns);
      transfer.start_ns -= 1000000;
      transfer.end_ns -= 1000000;
      if (truth != NULL)
        g_array_append_val (truth, transfer);
    }
  made_note_state (recorder, WEFT_RUN_DONE, end + 1000000);
  for (uint32_t i = 0; i < run->n_workers; i++)
    {
      weft_recorder_end_lane (recorder, workers[i].process);
      weft_recorder_end_lane (recorder, workers[i].thread);
    }
  g_assert_true (weft_recorder_close (recorder, NULL, &error));
  g_assert_no_error (error);
  weft_recorder_free (recorder);
}

/* The same as a model. (transfer full) */
static inline WeftModel *
made_run_model (const MadeRun *run, GArray *truth)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "made.weft", NULL);

  made_run_write (path, run, truth);
  return model_of_file (path);
}
