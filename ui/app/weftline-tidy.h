/* weftline-tidy.h: memory that is free, given back to the system
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

/* How heaps are to be used, before there is anything in them. */
void weftline_tidy_init (void);
/* Gives back what is free in the heaps, those of threads that have ended included. Some
 * milliseconds. Main thread. */
void weftline_tidy (void);
