/* task-stream-words.h: what the task stream says of what is under the pointer
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "canvas/time-scale.h"
#include "model/weft-model.h"

/* Lines for the hover box, %NULL-terminated: the first is the title. (transfer full) */
char **weftline_task_stream_span_words (const WeftModel *model, uint32_t lane, const WeftSpan *span,
                                        WeftlineTimeForm form);
/* Of what a lane is in now. (transfer full) */
char **weftline_task_stream_now_words (const WeftModel *model, uint32_t lane,
                                       const WeftModelNow *now, int64_t until_ns,
                                       WeftlineTimeForm form);
