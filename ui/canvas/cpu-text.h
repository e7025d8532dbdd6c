/* cpu-text.h: what a task used of processors, in words
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "model/weft-model.h"

/* Time and share of a task's span: of its thread, and where it started programs of these too; or
 * that it is not known, and why. @index: of the span in the lane. (transfer full) */
char *weftline_cpu_text (const WeftModel *model, uint32_t lane, uint64_t index);
