/* client-story.h: a program of several threads reports, and what the model of its run file has then
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "graph/weft-graph.h"
#include "model/model-fixture.h"
#include "server/weft-client.h"

#include <pthread.h>

#define STORY_THREADS 3
#define STORY_STEPS 400 /* of each thread */

typedef struct
{
  WeftClient *client;
  uint32_t number;
} StoryThread;

static inline void *
story_thread (void *data)
{
  const StoryThread *thread = data;
  g_autofree char *name = g_strdup_printf ("solver %u", thread->number);
  uint32_t step = weft_client_group (thread->client, "step");

  weft_client_name_thread (thread->client, name);
  for (uint32_t i = 0; i < STORY_STEPS; i++)
    weft_client_end (thread->client, weft_client_begin (thread->client, step), i);
  return NULL;
}

/* load-1, load-2 → sum, which fails; steps in threads of their own meanwhile. */
static inline void
story_tell (WeftClient *client)
{
  uint32_t loads[2] = { weft_client_task (client, "load-1", NULL, 0),
                        weft_client_task (client, "load-2", NULL, 0) };
  uint32_t sum = weft_client_task (client, "sum", loads, 2);
  uint32_t after = weft_client_task (client, "after", &sum, 1);
  StoryThread threads[STORY_THREADS];
  pthread_t ids[STORY_THREADS];

  for (uint32_t i = 0; i < STORY_THREADS; i++)
    {
      threads[i] = (StoryThread){ client, i };
      g_assert_cmpint (pthread_create (&ids[i], NULL, story_thread, &threads[i]), ==, 0);
    }
  for (uint32_t i = 0; i < 2; i++)
    weft_client_end (client, weft_client_begin (client, loads[i]), 1000);
  weft_client_fail (client, weft_client_begin (client, sum), "Overflow", "the sum is “too large”");
  weft_client_cancel (client, after);
  weft_client_memory (client, WEFT_CLIENT_RESIDENT, 1 << 20);
  weft_client_annotate (client, "all is “said”");
  for (uint32_t i = 0; i < STORY_THREADS; i++)
    pthread_join (ids[i], NULL);
}

static inline uint32_t
story_task (const WeftModel *model, const char *key)
{
  uint32_t task = weft_model_find_key (model, key);

  g_assert_cmpuint (task, !=, WEFT_NONE);
  return task;
}

static inline void
story_check_edges (const WeftModel *model)
{
  uint32_t number, segment = weft_model_task_segment (model, story_task (model, "sum"), &number);
  const WeftGraph *graph = weft_model_graph (model, segment);
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);

  g_assert_cmpuint (weft_graph_n_inputs (arrays, number), ==, 2);
  for (uint32_t i = 0; i < 2; i++)
    {
      uint32_t input = arrays->input_tasks[arrays->input_offsets[number] + i];
      g_autofree char *key = weft_graph_dup_key (graph, input);

      g_assert_true (g_str_has_prefix (key, "load-"));
    }
}

static inline void
story_check_threads (const WeftModel *model, const WeftModelSnapshot *snapshot)
{
  uint32_t n_named = 0, n_processes = 0;

  for (uint32_t i = 0; i < snapshot->n_lanes; i++)
    {
      WeftModelLane lane;

      weft_model_lane (model, i, &lane);
      n_processes += lane.kind == WEFT_LANE_PROCESS && strcmp (lane.name, "rank 3") == 0;
      if (lane.kind != WEFT_LANE_THREAD)
        continue;
      g_assert_true (weft_spans_is_ordered (lane.spans));
      if (!g_str_has_prefix (lane.name, "solver "))
        continue;
      n_named++;
      g_assert_cmpuint (weft_spans_n (lane.spans), ==, STORY_STEPS);
    }
  g_assert_cmpuint (n_named, ==, STORY_THREADS);
  g_assert_cmpuint (n_processes, ==, 1);
}

static inline void
story_check_failure (const WeftModel *model)
{
  WeftModelErrorText text;

  weft_model_error (model, 0, &text);
  g_assert_cmpuint (text.task, ==, story_task (model, "sum"));
  g_assert_cmpstr (text.kind, ==, "Overflow");
  g_assert_cmpstr (text.message, ==, "the sum is “too large”");
}

static inline void
story_check_annotation (const WeftModel *model)
{
  WeftModelAnnotation annotation;

  g_assert_cmpuint (weft_model_n_annotations (model), ==, 1);
  weft_model_annotation (model, 0, &annotation);
  g_assert_cmpstr (annotation.text, ==, "all is “said”");
}

/* As told by a client of the worker name “rank 3”. */
static inline void
story_check (const WeftModel *model, WeftRunPhase phase)
{
  WeftModelSnapshot snapshot;

  weft_model_snapshot (model, &snapshot);
  g_assert_cmpint (snapshot.phase, ==, phase);
  g_assert_cmpuint (snapshot.n_tasks, ==, STORY_THREADS * STORY_STEPS + 4);
  g_assert_cmpuint (snapshot.n_states[WEFT_TASK_ERRED], ==, 1);
  g_assert_cmpuint (snapshot.n_states[WEFT_TASK_CANCELLED], ==, 1);
  g_assert_cmpuint (snapshot.n_errors, ==, 1);
  for (uint32_t i = 0; i < STORY_THREADS * STORY_STEPS; i++)
    {
      g_autofree char *key = g_strdup_printf ("step-%u", i);
      WeftModelState state = weft_model_task_state (model, story_task (model, key));

      g_assert_true (state == WEFT_TASK_MEMORY || state == WEFT_TASK_RELEASED);
    }
  story_check_edges (model);
  story_check_threads (model, &snapshot);
  story_check_failure (model);
  story_check_annotation (model);
}
