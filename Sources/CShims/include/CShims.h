#pragma once
#include "processors.h"
#include "sha256.h"
