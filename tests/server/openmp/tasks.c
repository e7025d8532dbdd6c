/* tasks.c: what OpenMP has: loops, tasks that depend on others, tasks in tasks, regions in regions
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Prints what it has computed, and knows nothing of who watches.
 */
#include <stdio.h>

#define N 64

/* So that each construct stands in the function it is written in. */
#define APART __attribute__ ((noinline))

static long
count (long n)
{
  volatile long sum = 0;

  for (long i = 0; i < n; i++)
    sum += i % 7;
  return sum;
}

static APART long
loops (void)
{
  long sum = 0;

#pragma omp parallel for schedule(dynamic, 1) reduction(+ : sum)
  for (int i = 0; i < N; i++)
    sum += count (1000 + i);
  return sum;
}

/* left and right in any order, join behind both, last behind join. */
static APART long
diamond (void)
{
  long left = 0, right = 0, join = 0;

#pragma omp parallel
#pragma omp single
  {
#pragma omp task depend(out : left)
    left = count (20000);
#pragma omp task depend(out : right)
    right = count (10000);
#pragma omp task depend(in : left, right) depend(out : join)
    join = left + right + count (1000);
#pragma omp task depend(inout : join)
    join += count (1000);
  }
  return join;
}

static APART long
fibonacci (int n)
{
  long a, b;

  if (n < 2)
    return n;
#pragma omp task shared(a)
  a = fibonacci (n - 1);
#pragma omp task shared(b)
  b = fibonacci (n - 2);
#pragma omp taskwait
  return a + b;
}

static APART long
tree (void)
{
  long result = 0;

#pragma omp parallel
#pragma omp single
  result = fibonacci (10);
  return result;
}

/* Tasks that are put aside. (LLVM 14's runtime hangs now and then where such a task waits.) */
static APART long
yields (void)
{
  long n = 0;

#pragma omp parallel
#pragma omp single
  for (int i = 0; i < N; i++)
    {
#pragma omp task untied shared(n)
      {
        count (100);
#pragma omp taskyield
#pragma omp atomic
        n += count (100) > 0;
      }
    }
  return n;
}

static APART long
nested (void)
{
  long n = 0;

#pragma omp parallel num_threads(2)
#pragma omp parallel num_threads(2) reduction(+ : n)
  n += 1 + count (100);
  return n > 0;
}

int
main (void)
{
  long a = loops (), b = 0, c = tree (), d = nested (), e = yields ();

  for (int i = 0; i < 10; i++) /* of the same variables, and no dependence between them */
    b += diamond ();

  printf ("%ld %ld %ld %ld %ld\n", a, b, c, d, e);
  return 3;
}
