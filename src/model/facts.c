/* facts.c: what programs used that tasks started
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Member of a FACTS frame: “child”, an object with “cpu_ns”, one for each program. Such a frame may
 * come before the segment of its task is announced: what is kept goes by the segment's number. Of
 * another form there is no error, as the frame may tell of something else.
 */
#include "config.h"

#include "graph/weft-json-private.h"
#include "model/weft-model-private.h"

/* @cpu_ns: untouched where there is none */
static void
read_child (WeftJson *json, int64_t *cpu_ns)
{
  _weft_json_expect (json, WEFT_JSON_BEGIN_OBJECT, "an object");
  while (_weft_json_next_name (json))
    if (_weft_json_is (json, "cpu_ns"))
      _weft_json_expect_int64 (json, 0, INT64_MAX, "nanoseconds", cpu_ns);
    else
      _weft_json_skip (json);
}

/* Returns: -1: the facts are others */
static int64_t
read_facts (const WeftRunText *text)
{
  int64_t cpu_ns = -1;
  WeftJson json;

  _weft_json_init (&json, text->chars, text->n_bytes, "");
  _weft_json_expect (&json, WEFT_JSON_BEGIN_OBJECT, "an object");
  while (_weft_json_next_name (&json))
    if (_weft_json_is (&json, "child"))
      read_child (&json, &cpu_ns);
    else
      _weft_json_skip (&json);
  _weft_json_clear (&json);
  return cpu_ns;
}

bool
_weft_model_add_facts (WeftModel *model, const WeftRunFrame *frame, GError **error)
{
  uint64_t n = _weft_get (model->n_children);
  WeftChildCpu *child;
  WeftFactsHead head;
  WeftRunText text;
  int64_t cpu_ns;

  if (!weft_run_frame_facts (frame, &head, &text))
    return _weft_model_fail (error, "a frame of kind %u is not as it should be", frame->head.kind);
  cpu_ns = read_facts (&text);
  if (cpu_ns < 0 || head.segment == WEFT_NONE || head.task == WEFT_NONE)
    return true;
  child = _weft_blocks_grow (&model->children, n, sizeof *child);
  *child = (WeftChildCpu){ head.segment, head.task, head.attempt, cpu_ns };
  atomic_store_explicit (&model->n_children, n + 1, memory_order_release);
  return true;
}

bool
weft_model_child_cpu (const WeftModel *model, uint32_t task, uint32_t attempt, int64_t *cpu_ns)
{
  uint32_t number, segment = weft_model_task_segment (model, task, &number);
  uint64_t n = atomic_load_explicit (&model->n_children, memory_order_acquire);
  int64_t sum_ns = 0;
  bool found = false;

  for (uint64_t i = 0; i < n; i++)
    {
      const WeftChildCpu *child = _weft_blocks_get (&model->children, i, sizeof *child);

      if (child->segment != segment || child->number != number || child->attempt != attempt)
        continue;
      found = true;
      sum_ns = child->cpu_ns > INT64_MAX - sum_ns ? INT64_MAX : sum_ns + child->cpu_ns;
    }
  if (found)
    *cpu_ns = sum_ns;
  return found;
}
