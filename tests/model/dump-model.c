/* dump-model.c: what a model has of a run file, as lines for test-agree.py
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *   dump-model FILE
 *
 * A line each for the run, its lanes, groups, tasks and spans; texts are quoted as JSON wants it.
 */
#include "config.h"

#include "model/weft-model.h"

#include <inttypes.h>
#include <stdio.h>

static void
print_text (const char *name, const char *text)
{
  printf (", \"%s\": \"", name);
  for (; *text != '\0'; text++)
    if ((unsigned char) *text < 0x20 || *text == '"' || *text == '\\')
      printf ("\\u%04x", (unsigned) *text);
    else
      putchar (*text);
  putchar ('"');
}

static void
print_group (const WeftModel *model, const char *name, uint32_t number)
{
  WeftModelGroup group;

  if (number == WEFT_NO_GROUP)
    {
      printf (", \"%s\": null", name);
      return;
    }
  weft_model_group (model, number, &group);
  print_text (name, group.name);
}

static void
print_span (const WeftModel *model, uint32_t lane, const WeftSpan *span)
{
  uint32_t segment = WEFT_NONE, number = WEFT_NONE;

  if (span->task != WEFT_NONE)
    segment = weft_model_task_segment (model, span->task, &number);
  printf ("{\"what\": \"span\", \"lane\": %u, \"kind\": %u, \"flags\": %u, \"how\": %u, "
          "\"depth\": %u, \"segment\": %u, \"task\": %u, \"start\": %" PRIi64 ", \"end\": %" PRIi64
          ", \"amount\": %" PRIu64,
          lane, span->kind, (unsigned) span->flags, span->how, (unsigned) span->depth, segment,
          number, span->start_ns, span->end_ns, (uint64_t) span->amount);
  print_group (model, "group", span->group);
  puts ("}");
}

static void
print_lane (const WeftModel *model, uint32_t number)
{
  WeftModelLane lane;

  weft_model_lane (model, number, &lane);
  printf ("{\"what\": \"lane\", \"lane\": %u, \"role\": %u, \"worker\": %u, \"pid\": %u", number,
          lane.kind, lane.worker, lane.pid);
  print_text ("name", lane.name);
  puts ("}");
  for (uint64_t i = 0; i < weft_spans_n (lane.spans); i++)
    print_span (model, number, weft_spans_get (lane.spans, i));
}

static void
print_task (const WeftModel *model, uint32_t task)
{
  static const char *const states[] = { "waiting",  "queued", "running",  "memory",
                                        "released", "erred",  "cancelled" };
  g_autofree char *key = weft_model_task_dup_key (model, task);
  uint32_t number, segment = weft_model_task_segment (model, task, &number);

  printf ("{\"what\": \"task\", \"segment\": %u, \"task\": %u, \"state\": \"%s\", "
          "\"attempts\": %u",
          segment, number, states[weft_model_task_state (model, task)],
          weft_model_task_attempts (model, task));
  print_text ("key", key);
  print_group (model, "group", weft_model_task_group (model, task));
  puts ("}");
}

static void
print_group_line (const WeftModel *model, uint32_t number)
{
  WeftModelGroup group;

  weft_model_group (model, number, &group);
  printf ("{\"what\": \"group\", \"n_tasks\": %u, \"busy\": %" PRIi64 ", \"longest\": %" PRIi64
          ", \"n_ended\": %" PRIu64,
          group.n_tasks, group.busy_ns, group.longest_ns, group.n_ended);
  print_text ("name", group.name);
  puts ("}");
}

static void
print_model (const WeftModel *model, WeftModelFeedState state)
{
  WeftModelSnapshot snapshot;

  weft_model_snapshot (model, &snapshot);
  printf ("{\"what\": \"run\", \"state\": %u, \"phase\": %u, \"n_spans\": %" PRIu64
          ", \"n_errors\": %u, \"n_logs\": %" PRIu64 "}\n",
          state, snapshot.phase, snapshot.n_spans, snapshot.n_errors, snapshot.n_logs);
  for (uint32_t i = 0; i < snapshot.n_groups; i++)
    print_group_line (model, i);
  for (uint32_t i = 0; i < snapshot.n_tasks; i++)
    print_task (model, i);
  for (uint32_t i = 0; i < snapshot.n_lanes; i++)
    print_lane (model, i);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  WeftModel *model = weft_model_new ();
  WeftModelFeedState state;
  WeftModelFeed *feed;

  if (argc != 2)
    return 2;
  feed = weft_model_feed_new (model, argv[1], -1, NULL, NULL, &error);
  if (feed == NULL)
    {
      fprintf (stderr, "%s\n", error->message);
      return 1;
    }
  weft_model_feed_no_more (feed);
  while ((state = weft_model_feed_state (feed)) < WEFT_FEED_ENDED)
    g_thread_yield ();
  print_model (model, state);
  weft_model_feed_free (feed);
  weft_model_unref (model);
  return 0;
}
