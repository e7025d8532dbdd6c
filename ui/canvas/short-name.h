/* short-name.h: names of workers without what all have in common
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Addresses of a cluster's workers begin and end alike: tcp://node-17.rack.example.org:40000. Where
 * there is no room for all of it, what is the same of all is left out, so that what tells them
 * apart is not cut: the scheme; hosts, or what IPv6 addresses begin with, if all are the same;
 * domains and ports, likewise. Parts are left out as a whole, so node-1 does not become 1. Names
 * that are no addresses stay as they are. What stands behind a slash (a thread) is no part of the
 * address. Pure.
 */
#pragma once

#include <glib.h>

/* What names have in common. Zero is that of no names. All is private. */
typedef struct
{
  char *first;
  size_t first_length, least_length;
  size_t least_host; /* what is behind the scheme, port included */
  size_t head, tail; /* bytes that all have in common */
  gboolean differ, is_no_address;
} WeftlineShared;

void weftline_shared_clear (WeftlineShared *shared);
void weftline_shared_add (WeftlineShared *shared, const char *name);
/* Bytes at the end of all addresses that can be left out, beside so many before. */
size_t weftline_shared_tail (const WeftlineShared *shared, size_t head);
/* @name: one of those that were added. (transfer full) */
char *weftline_shared_short (const WeftlineShared *shared, const char *name);
