/* weft-order-private.h: the static order of a task graph, and its checker.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A task graph as compressed sparse rows, both ways. The arrays are borrowed
 * for the call. The graph has no cycle, and dependents mirrors deps edge by
 * edge (the builder's freeze guarantees both). */
typedef struct
{
  uint32_t n_tasks;
  const uint32_t *dep_offsets;       /* n_tasks + 1 */
  const uint32_t *deps;              /* duplicates possible but rare */
  const uint32_t *dependent_offsets; /* n_tasks + 1 */
  const uint32_t *dependents;
  const uint64_t *bytes;     /* NULL: every result counts 1 */
  const int32_t *priorities; /* NULL: all 0; higher goes first */
  const uint8_t *is_output;  /* NULL: none; live until the end */
} WeftOrderInput;

/* What a serial execution holds at most. Without bytes, peak_bytes equals
 * peak_results. peak_position is the first k at which order[k] runs while
 * peak_bytes are live; 0 without tasks. */
typedef struct
{
  uint64_t peak_results;
  uint64_t peak_bytes;
  uint32_t peak_position;
} WeftOrderPeak;

/* What an ordering cost, in visits of a task or an edge: a measure of work
 * that does not depend on the machine. */
typedef struct
{
  uint64_t n_steps;
  uint64_t n_edges;
  uint32_t n_parts; /* weakly connected components */
} WeftOrderStats;

/* order[k] becomes the task that runs k-th; a topological order. Any thread;
 * no state is kept. Returns false, with order untouched, only if memory runs
 * out. O(tasks + edges), but for sorting the dependencies of single tasks. */
bool _weft_order_compute (const WeftOrderInput *input, uint32_t *order);

/* The same; stats may be NULL. */
bool _weft_order_compute_full (const WeftOrderInput *input, uint32_t *order, WeftOrderStats *stats);

/* Executes order serially. A result is live from its task's start until its
 * last dependent's end: inputs and output of a running task count together.
 * The result of a task without dependents dies at once unless it is an
 * output; outputs live until the end. Returns false only if memory runs
 * out. O(tasks + edges). */
bool _weft_order_simulate (const WeftOrderInput *input, const uint32_t *order, WeftOrderPeak *peak);
