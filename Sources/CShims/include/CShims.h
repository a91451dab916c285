#pragma once
#include "processes.h"
#include "processors.h"
#include "sha256.h"
