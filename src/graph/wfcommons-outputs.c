/* wfcommons-outputs.c: which files of a WfCommons task become which output
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * An output is freed once its last reader is done. Files of a task that have the same readers are
 * freed at the same moment, so they are one output; files with other readers are others. So memory
 * is modelled file by file, with as few outputs and edges as that takes: mostly one of each.
 * (Beyond WEFT_WFCOMMONS_MAX_OUTPUTS outputs all are one.)
 *
 * Sets of readers are told apart by a 64-bit digest of the readers' numbers in order. Were two
 * digests ever equal by accident, two files would be freed together: no harm but a little memory.
 *
 * Cost: O(entries of inputFiles × makers of a file), and files have one maker, but for odd ones.
 */
#include "config.h"

#include "graph/weft-wfcommons-private.h"

#include <string.h>

/* CSR by file: the tasks that make it; output is the entry in output_files. */
static void
find_makers (WeftWfWorkflow *workflow)
{
  uint32_t n_files = workflow->files.n;
  uint32_t *next = g_new0 (uint32_t, (size_t) n_files + 2);

  workflow->makers = g_new (WeftTaskOutput, workflow->n_output_files + 1);
  for (size_t i = 0; i < workflow->n_output_files; i++)
    next[workflow->output_files[i] + 2]++;
  for (uint32_t f = 0; f < n_files; f++)
    next[f + 2] += next[f + 1];
  for (uint32_t t = 0; t < workflow->n_tasks; t++)
    {
      const WeftWfTask *task = &workflow->tasks[t];

      for (uint32_t i = task->outputs; i < task->outputs + task->n_outputs; i++)
        workflow->makers[next[workflow->output_files[i] + 1]++] = (WeftTaskOutput){ t, i };
    }
  workflow->maker_offsets = next;
}

void
_weft_wfcommons_foreach_input (const WeftWfWorkflow *workflow, const WeftEdgeList *relations,
                               uint32_t task, uint32_t *parent_of, WeftWfInputFunc func, void *data)
{
  const WeftReadEdge *end = relations->edges + relations->offsets[task + 1];
  const WeftWfTask *t = &workflow->tasks[task];

  for (const WeftReadEdge *e = relations->edges + relations->offsets[task]; e < end; e++)
    parent_of[e->from] = task;
  for (uint32_t i = t->inputs; i < t->inputs + t->n_inputs; i++)
    {
      uint32_t file = workflow->input_files[i];

      for (uint32_t m = workflow->maker_offsets[file]; m < workflow->maker_offsets[file + 1]; m++)
        if (parent_of[workflow->makers[m].task] == task)
          func (task, workflow->makers[m], data);
    }
}

/* Source of the mixing: the finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). */
static uint64_t
mix (uint64_t x)
{
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

static void
digest_reader (uint32_t task, WeftTaskOutput maker, void *data)
{
  uint64_t *digests = data;

  digests[maker.output] = mix (digests[maker.output] ^ ((uint64_t) task + 1));
}

/* Numbers a task's outputs in order of their first files. */
static void
number_outputs (WeftWfWorkflow *workflow, WeftWfTask *task, const uint64_t *digests)
{
  uint64_t known[WEFT_WFCOMMONS_MAX_OUTPUTS];
  uint32_t n = 0;

  for (uint32_t i = task->outputs; i < task->outputs + task->n_outputs; i++)
    {
      uint32_t k = 0;

      while (k < n && known[k] != digests[i])
        k++;
      if (k == WEFT_WFCOMMONS_MAX_OUTPUTS)
        {
          memset (workflow->output_numbers + task->outputs, 0,
                  task->n_outputs * sizeof *workflow->output_numbers);
          n = 1;
          break;
        }
      if (k == n)
        known[n++] = digests[i];
      workflow->output_numbers[i] = k;
    }
  task->n_numbers = MAX (n, 1);
}

void
_weft_wfcommons_number_outputs (WeftWfWorkflow *workflow, const WeftEdgeList *relations,
                                uint32_t *parent_of)
{
  g_autofree uint64_t *digests = g_new0 (uint64_t, workflow->n_output_files + 1);

  find_makers (workflow);
  workflow->output_numbers = g_new0 (uint32_t, workflow->n_output_files + 1);
  for (uint32_t t = 0; t < workflow->n_tasks; t++)
    _weft_wfcommons_foreach_input (workflow, relations, t, parent_of, digest_reader, digests);
  for (uint32_t t = 0; t < workflow->n_tasks; t++)
    number_outputs (workflow, &workflow->tasks[t], digests);
}
