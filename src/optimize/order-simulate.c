/* order-simulate.c: what a serial execution of an order holds at most.
 *
 * The one definition of "peak" in the tree. It reads the graph as given and
 * shares no code with the passes that look for a good order, so that it can
 * check them.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */

#include "weft-order-private.h"

#include <stdlib.h>
#include <string.h>

typedef struct
{
  const WeftOrderInput *input;
  uint32_t *consumers_left;
  uint64_t results;
  uint64_t bytes;
} Memory;

static uint64_t
bytes_of (const WeftOrderInput *input, uint32_t task)
{
  return input->bytes != NULL ? input->bytes[task] : 1;
}

static bool
is_output (const WeftOrderInput *input, uint32_t task)
{
  return input->is_output != NULL && input->is_output[task];
}

static void
memory_start (Memory *memory, uint32_t task)
{
  memory->results += 1;
  memory->bytes += bytes_of (memory->input, task);
}

static void
memory_drop (Memory *memory, uint32_t task)
{
  if (is_output (memory->input, task))
    return;
  memory->results -= 1;
  memory->bytes -= bytes_of (memory->input, task);
}

static void
memory_end (Memory *memory, uint32_t task)
{
  const WeftOrderInput *input = memory->input;

  for (uint32_t e = input->dep_offsets[task]; e < input->dep_offsets[task + 1]; e++)
    if (--memory->consumers_left[input->deps[e]] == 0)
      memory_drop (memory, input->deps[e]);
  if (memory->consumers_left[task] == 0)
    memory_drop (memory, task);
}

static uint32_t *
count_consumers (const WeftOrderInput *input)
{
  uint32_t *left = malloc (((size_t) input->n_tasks + 1) * sizeof *left);

  for (uint32_t t = 0; left != NULL && t < input->n_tasks; t++)
    left[t] = input->dependent_offsets[t + 1] - input->dependent_offsets[t];
  return left;
}

bool
_weft_order_simulate (const WeftOrderInput *input, const uint32_t *order, WeftOrderPeak *peak)
{
  Memory memory = { .input = input, .consumers_left = count_consumers (input) };
  WeftOrderPeak found = { 0 };

  if (memory.consumers_left == NULL)
    return false;

  for (uint32_t k = 0; k < input->n_tasks; k++)
    {
      memory_start (&memory, order[k]);
      if (memory.results > found.peak_results)
        found.peak_results = memory.results;
      if (memory.bytes > found.peak_bytes)
        {
          found.peak_bytes = memory.bytes;
          found.peak_position = k;
        }
      memory_end (&memory, order[k]);
    }

  free (memory.consumers_left);
  *peak = found;
  return true;
}
