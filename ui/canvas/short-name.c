/* short-name.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/short-name.h"

#include <stdbool.h>
#include <string.h>

#define SCHEME "://"

/* Where the address ends, which begins with a scheme; 0: it is none. */
static size_t
address_length (const char *name)
{
  const char *scheme = strstr (name, SCHEME);

  return scheme != NULL ? (size_t) (scheme - name) + strcspn (scheme + 3, "/") + 3 : 0;
}

void
weftline_shared_clear (WeftlineShared *shared)
{
  g_free (shared->first);
  *shared = (WeftlineShared){ 0 };
}

void
weftline_shared_add (WeftlineShared *shared, const char *name)
{
  size_t length = address_length (name), host, most, n = 0;

  if (length == 0)
    shared->is_no_address = TRUE;
  if (shared->is_no_address)
    return;
  host = length - (size_t) (strstr (name, SCHEME) + 3 - name);
  shared->least_host = shared->first != NULL ? MIN (shared->least_host, host) : host;
  if (shared->first == NULL)
    {
      shared->first = g_strdup (name);
      shared->first_length = shared->least_length = shared->head = shared->tail = length;
      return;
    }
  if (length != shared->first_length || memcmp (name, shared->first, length) != 0)
    shared->differ = TRUE;
  shared->least_length = MIN (shared->least_length, length);
  most = MIN (shared->head, length);
  while (n < most && name[n] == shared->first[n])
    n++;
  shared->head = n;
  most = MIN (shared->tail, length);
  for (n = 0; n < most && name[length - 1 - n] == shared->first[shared->first_length - 1 - n];)
    n++;
  shared->tail = n;
}

/* Up to a colon, or the scheme's end. @bracket: where the IPv6 address begins that it ends in; 0:
 * in none */
static size_t
find_head (const WeftlineShared *shared, size_t *bracket)
{
  size_t scheme = (size_t) (strstr (shared->first, SCHEME) - shared->first) + 3;
  size_t head = shared->differ ? MIN (shared->head, shared->least_length - 1) : 0;

  *bracket = 0;
  if (head < scheme)
    return shared->differ ? 0 : scheme;
  while (head > scheme && shared->first[head - 1] != ':')
    head--;
  for (size_t i = scheme; i < head; i++)
    if (shared->first[i] == '[')
      *bracket = i;
    else if (shared->first[i] == ']')
      *bracket = 0;
  return head;
}

/* From a port's colon on, or a domain's point: numbers between points are an address. */
size_t
weftline_shared_tail (const WeftlineShared *shared, size_t head)
{
  const char *end = shared->first + shared->first_length;
  size_t most = MIN (shared->least_host, shared->least_length - MIN (head, shared->least_length));
  const char *from = end - MIN (shared->tail, MAX (most, 1) - 1), *closed;

  if (!shared->differ || shared->is_no_address)
    return 0;
  closed = memchr (from, ']', (size_t) (end - from));
  if (closed != NULL)
    from = closed + 1;
  for (; from < end; from++)
    if (*from == ':' || (*from == '.' && g_ascii_isalpha (from[1])))
      return (size_t) (end - from);
  return 0;
}

char *
weftline_shared_short (const WeftlineShared *shared, const char *name)
{
  size_t head, tail, bracket, length = address_length (name);
  GString *text;

  if (shared->first == NULL || shared->is_no_address)
    return g_strdup (name);
  head = find_head (shared, &bracket);
  tail = weftline_shared_tail (shared, head);
  text = g_string_new (bracket > 0 ? "[…:" : NULL);
  g_string_append_len (text, name + head, (gssize) (length - tail - head));
  g_string_append (text, name + length);
  return g_string_free (text, FALSE);
}
