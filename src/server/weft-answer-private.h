/* weft-answer-private.h: what a server's answers say, as clients read it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "graph/weft-json-private.h"

/* Reads the object that “error” has. @mend: (nullable): not wanted. What they have is freed for
 * what stands there. Where it is something else the reader has the error. */
void _weft_answer_read_error (WeftJson *json, char **code, char **message, char **mend);
