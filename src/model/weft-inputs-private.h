/* weft-inputs-private.h: which task's output an input is
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "model/weft-model.h"

/* The task whose output an input of the segment's graph is, or what an import stands for (from the
 * graph's n_tasks on); WEFT_NONE: unknown, or a value. Any thread. */
uint32_t _weft_input_source (const WeftModel *model, WeftGraph *graph, uint32_t segment,
                             uint32_t input);
