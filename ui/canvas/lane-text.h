/* lane-text.h: what a lane is called
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "model/weft-model.h"

/* Its name, or that of its worker; "" if it has neither. A worker's second lane and later ones have
 * their number behind it. (transfer full) */
char *weftline_lane_text (const char *name, uint32_t worker, uint32_t nth);

/* The same of a lane of the model. (transfer full) */
char *weftline_lane_text_of (const WeftModel *model, uint32_t lane);
