/* inspect-fixture.h: recorded runs, and what is said of their tasks
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "test-support.h"

#include "inspect/inspect-facts.h"

#include "weft.h"

typedef struct
{
  TestDir *dir;
  char *path;
  WeftOpRegistry *registry;
  WeftEngine *engine;
  WeftRun *run;
  WeftModel *model;
  WeftModelSnapshot snapshot;
} Recorded;

static inline WeftGraph *
parse_graph (const char *json)
{
  g_autoptr (GError) error = NULL;
  WeftGraph *graph =
      weft_graph_read_bytes (json, strlen (json), "test.json", WEFT_GRAPH_FORMAT_AUTO, &error);

  g_assert_no_error (error);
  return graph;
}

static inline void
make_engine (Recorded *recorded, uint32_t n_workers)
{
  g_autoptr (GError) error = NULL;
  WeftEngineOptions options = { .n_workers = n_workers };

  *recorded = (Recorded){ .dir = test_dir_new () };
  recorded->path = g_build_filename (recorded->dir, "run.weft", NULL);
  recorded->registry = options.registry = weft_op_registry_new ();
  recorded->engine = weft_engine_new (&options, &error);
  g_assert_no_error (error);
}

/* Records are asked for. @graph: (transfer full) */
static inline void
start_graph (Recorded *recorded, WeftGraph *graph, WeftRunOptions options)
{
  g_autoptr (GError) error = NULL;

  options.records = true;
  options.recorder.path = recorded->path;
  recorded->run = weft_run_new (recorded->engine, graph, &options, &error);
  g_assert_no_error (error);
  weft_graph_unref (graph);
  weft_run_start (recorded->run);
}

static inline void
begin_graph (Recorded *recorded, WeftGraph *graph, uint32_t n_workers, uint64_t memory_limit)
{
  make_engine (recorded, n_workers);
  start_graph (
      recorded, graph,
      (WeftRunOptions){ .on_error = WEFT_ON_ERROR_CONTINUE, .memory_limit_bytes = memory_limit });
}

/* @memory_limit: 0: none */
static inline void
begin_limited (Recorded *recorded, const char *json, uint32_t n_workers, uint64_t memory_limit)
{
  WeftGraph *read = parse_graph (json);
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = weft_optimize (read, "cull,fuse,order", NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  weft_graph_unref (read);
  begin_graph (recorded, graph, n_workers, memory_limit);
}

static inline void
begin_run (Recorded *recorded, const char *json, uint32_t n_workers)
{
  begin_limited (recorded, json, n_workers, 0);
}

/* To its end, and all of it into the model. */
static inline void
finish_run (Recorded *recorded)
{
  g_autoptr (GError) error = NULL;
  WeftRunReader *reader;
  WeftRunFrame frame;

  g_assert_true (weft_run_wait (recorded->run, -1));
  weft_recorder_close (weft_run_recorder (recorded->run), NULL, &error);
  g_assert_no_error (error);
  recorded->model = weft_model_new ();
  reader = weft_run_reader_open (recorded->path, 0, &error);
  while (weft_run_reader_next (reader, &frame, &error) == WEFT_RUN_READ_FRAME)
    weft_model_add_frame (recorded->model, &frame, &error);
  g_assert_no_error (error);
  weft_model_finish (recorded->model, false);
  weft_run_reader_free (reader);
  weft_model_snapshot (recorded->model, &recorded->snapshot);
}

static inline void
record_run (Recorded *recorded, const char *json, uint32_t n_workers)
{
  begin_run (recorded, json, n_workers);
  finish_run (recorded);
}

static inline void
recorded_clear (Recorded *recorded)
{
  weft_model_unref (recorded->model);
  weft_run_unref (recorded->run);
  weft_engine_free (recorded->engine);
  weft_op_registry_unref (recorded->registry);
  g_free (recorded->path);
  test_dir_free (recorded->dir);
}

/* ---- facts ----------------------------------------------------------------------------------- */

static inline GPtrArray *
facts_of (const Recorded *recorded, const char *key)
{
  uint32_t task = weft_model_find_key (recorded->model, key);

  g_assert_cmpuint (task, !=, WEFT_NONE);
  return weftline_inspect_facts (recorded->model, &recorded->snapshot, NULL,
                                 WEFTLINE_TIME_SINCE_START, task);
}

/* The n-th of that title, or NULL. */
static inline const WeftlineFact *
fact_at (const GPtrArray *facts, const char *title, unsigned n)
{
  for (guint i = 0; i < facts->len; i++)
    {
      const WeftlineFact *fact = facts->pdata[i];

      if (g_str_equal (fact->title, title) && n-- == 0)
        return fact;
    }
  return NULL;
}

static inline const char *
fact_text (const GPtrArray *facts, const char *title)
{
  const WeftlineFact *fact = fact_at (facts, title, 0);

  return fact != NULL ? fact->text : NULL;
}

/* The keys of the links under a heading, separated by spaces. (transfer full) (nullable): there is
 * no such heading */
static inline char *
links_under (const GPtrArray *facts, const char *title)
{
  GString *keys = NULL;

  for (guint i = 0; i < facts->len; i++)
    {
      const WeftlineFact *fact = facts->pdata[i];

      if (fact->kind == WEFTLINE_FACT_HEADING && keys != NULL)
        break;
      if (fact->kind == WEFTLINE_FACT_HEADING && g_str_equal (fact->title, title))
        keys = g_string_new (NULL);
      else if (keys != NULL && fact->kind == WEFTLINE_FACT_LINK)
        g_string_append_printf (keys, "%s%s", keys->len > 0 ? " " : "", fact->text);
    }
  return keys != NULL ? g_string_free (keys, FALSE) : NULL;
}

static inline const WeftSpan *
last_span (const Recorded *recorded, uint32_t task, uint32_t *lane)
{
  WeftModelLane info;
  uint64_t index;

  if (!weft_model_task_span (recorded->model, task, lane, &index))
    return NULL;
  weft_model_lane (recorded->model, *lane, &info);
  return weft_spans_get (info.spans, index);
}
