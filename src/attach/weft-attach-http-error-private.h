/* weft-attach-http-error-private.h: why a request failed, and what to do about it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "attach/weft-attach-http-private.h"

/* @error: (nullable): NULL: there was an answer, of another status than 200. The text is the
 * caller's */
WeftAttachError _weft_attach_http_describe (SoupMessage *message, const GError *error,
                                            bool was_late);
