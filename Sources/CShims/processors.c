#define _GNU_SOURCE
#include "processors.h"
#include <sched.h>
#include <sys/prctl.h>

int CShims_processor_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? count : 1;
}

void CShims_use_precise_timers(void) { prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); }

int CShims_use_processors(int count) {
    cpu_set_t all, chosen;
    if (sched_getaffinity(0, sizeof all, &all) != 0) return CShims_processor_count();
    CPU_ZERO(&chosen);
    int taken = 0;
    for (int number = 0; number < CPU_SETSIZE && taken < count; number++) {
        if (!CPU_ISSET(number, &all)) continue;
        CPU_SET(number, &chosen);
        taken++;
    }
    if (taken > 0) sched_setaffinity(0, sizeof chosen, &chosen);
    return CShims_processor_count();
}
