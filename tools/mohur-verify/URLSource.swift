internal import Auditing
internal import Fetching
internal import Synchronization
internal import Threading

/// The files below a URL.
///
/// Audits read on threads of their own that may block; each waits for its answer, while the requests of several threads
/// are under way at once.
struct URLSource: FileSource {
    private let prefix: String
    private let fetcher = Fetcher(userAgent: "mohur-verify")

    init(_ url: String) {
        prefix = url.hasSuffix("/") ? url : url + "/"
    }

    func file(_ path: String, atMost limit: Int) throws(AuditError) -> [UInt8]? {
        let answer = Monitor<Result<FetchedAnswer, FetchingError>?>(nil)
        let url = prefix + path
        let fetcher = fetcher
        Task {
            let result: Result<FetchedAnswer, FetchingError>
            do throws(FetchingError) {
                result = .success(try await fetcher.get(url, timeout: .seconds(60), limit: limit))
            } catch {
                result = .failure(error)
            }
            answer.change { $0 = result }
        }
        do throws(FetchingError) {
            let found = try answer.wait { $0 }.get()
            if found.status == 404 || found.status == 410 { return nil }
            return try found.body(expecting: 200)
        } catch {
            let code: AuditError.Code =
                switch error.code {
                case .status: .withheld
                case .tooLarge: .unfit
                default: .unreadable
                }
            throw AuditError(code, error.reason)
        }
    }
}
