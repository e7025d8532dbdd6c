/* weft-attach-private.h: a scheduler that is watched, until it ends or is told
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include <stdbool.h>

/* Exit statuses, as those of the command. */
enum
{
  WEFT_ATTACH_DONE = 0,   /* the scheduler has ended, or its user wanted no more of it */
  WEFT_ATTACH_INPUT = 2,  /* bad usage */
  WEFT_ATTACH_SYSTEM = 3, /* it cannot be reached, or nobody listens here */
};

/* One line on stderr. */
void _weft_attach_say (const char *format, ...) __attribute__ ((format (printf, 1, 2)));
/* Returns: an exit status, when it is over */
int _weft_attach_watch (const char *address);
