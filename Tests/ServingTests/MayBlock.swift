import TestSupport
import Testing

/// For tests that block: they run on threads of their own.
struct MayBlock: TestTrait, SuiteTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(ThreadExecutor.shared) { try await function() }
    }
}

extension Trait where Self == MayBlock {
    static var mayBlock: Self { Self() }
}
