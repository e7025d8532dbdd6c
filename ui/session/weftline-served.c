/* weftline-served.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-served.h"

void
weftline_served_copy (WeftServedRun *to, const WeftServedRun *from)
{
  *to = *from;
  to->name = g_strdup (from->name);
  to->source = g_strdup (from->source);
  to->client = g_strdup (from->client);
  to->path = g_strdup (from->path);
  to->trouble = g_strdup (from->trouble);
}

void
weftline_served_clear (WeftServedRun *served)
{
  g_free ((char *) served->name);
  g_free ((char *) served->source);
  g_free ((char *) served->client);
  g_free ((char *) served->path);
  g_free ((char *) served->trouble);
  *served = (WeftServedRun){ 0 };
}
