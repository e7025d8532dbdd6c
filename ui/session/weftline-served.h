/* weftline-served.h: what a server says of a run, on its way to the main thread
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "weft.h"

G_BEGIN_DECLS

/* A copy with texts of its own. @to: not cleared before */
void weftline_served_copy (WeftServedRun *to, const WeftServedRun *from);
void weftline_served_clear (WeftServedRun *served);

G_END_DECLS
