<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ja" sourcelanguage="en">
<context>
    <name>AboutDialog</name>
    <message>
        <source>its wheels carry FFmpeg (LGPL) with x264 and x265 (GPL-2.0)</source>
        <translation>wheel に FFmpeg（LGPL）と x264・x265（GPL-2.0）を含みます</translation>
    </message>
    <message>
        <source>its wheels carry FFmpeg (LGPL) and Qt (LGPL)</source>
        <translation>wheel に FFmpeg（LGPL）と Qt（LGPL）を含みます</translation>
    </message>
    <message>
        <source>its wheels carry libheif (LGPL)</source>
        <translation>wheel に libheif（LGPL）を含みます</translation>
    </message>
    <message>
        <source>About {0}</source>
        <translation>{0} について</translation>
    </message>
    <message>
        <source>Copy for a bug report</source>
        <translation>不具合報告用にコピー</translation>
    </message>
    <message>
        <source>Shows what a detector sees, live, and records it. MIT licence. Nothing leaves this machine but what you open.</source>
        <translation>検出器が見ているものをリアルタイムで表示し、録画します。MIT ライセンス。開いたもの以外は、このマシンの外に出ません。</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}：{1}</translation>
    </message>
    <message>
        <source>It stands on:</source>
        <translation>使用しているもの：</translation>
    </message>
    <message>
        <source>{0}; {1}</source>
        <translation>{0}。{1}</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>Open</source>
        <translation>開く</translation>
    </message>
    <message>
        <source>Play and keep</source>
        <translation>再生と保存</translation>
    </message>
    <message>
        <source>Elsewhere in a file</source>
        <translation>ファイル内の移動</translation>
    </message>
    <message>
        <source>View</source>
        <translation>表示</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>ツール</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>ヘルプ</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>一時停止</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>再生</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>再開</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>録画</translation>
    </message>
    <message>
        <source>Stop recording</source>
        <translation>録画を停止</translation>
    </message>
    <message>
        <source>Open file…</source>
        <translation>ファイルを開く…</translation>
    </message>
    <message>
        <source>Open folder…</source>
        <translation>フォルダーを開く…</translation>
    </message>
    <message>
        <source>Open address…</source>
        <translation>アドレスを開く…</translation>
    </message>
    <message>
        <source>Watch the screen</source>
        <translation>画面を見る</translation>
    </message>
    <message>
        <source>Open what was copied</source>
        <translation>コピーしたものを開く</translation>
    </message>
    <message>
        <source>Open model…</source>
        <translation>モデルを開く…</translation>
    </message>
    <message>
        <source>Close source</source>
        <translation>ソースを閉じる</translation>
    </message>
    <message>
        <source>Loop</source>
        <translation>繰り返し</translation>
    </message>
    <message>
        <source>Mute</source>
        <translation>ミュート</translation>
    </message>
    <message>
        <source>Louder</source>
        <translation>音量を上げる</translation>
    </message>
    <message>
        <source>Quieter</source>
        <translation>音量を下げる</translation>
    </message>
    <message>
        <source>Save the last seconds</source>
        <translation>直前の数秒を保存</translation>
    </message>
    <message>
        <source>Snapshot</source>
        <translation>静止画</translation>
    </message>
    <message>
        <source>Snapshot without boxes</source>
        <translation>枠なしの静止画</translation>
    </message>
    <message>
        <source>Keep as test…</source>
        <translation>テストとして保存…</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>書き出し…</translation>
    </message>
    <message>
        <source>Copy numbers</source>
        <translation>数値をコピー</translation>
    </message>
    <message>
        <source>Show recordings</source>
        <translation>録画を表示</translation>
    </message>
    <message>
        <source>Side panel</source>
        <translation>サイドパネル</translation>
    </message>
    <message>
        <source>Plots</source>
        <translation>グラフ</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>イベント</translation>
    </message>
    <message>
        <source>Compare detectors</source>
        <translation>検出器を比較</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>拡大</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>縮小</translation>
    </message>
    <message>
        <source>Whole picture</source>
        <translation>全体</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>全画面</translation>
    </message>
    <message>
        <source>Leave full screen</source>
        <translation>全画面を終了</translation>
    </message>
    <message>
        <source>Commands…</source>
        <translation>コマンド…</translation>
    </message>
    <message>
        <source>Undo a setting</source>
        <translation>設定を元に戻す</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>やり直す</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>キー操作</translation>
    </message>
    <message>
        <source>What works here…</source>
        <translation>動作の確認…</translation>
    </message>
    <message>
        <source>About</source>
        <translation>このアプリについて</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>終了</translation>
    </message>
    <message>
        <source>Frame by frame</source>
        <translation>コマ送り</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>左</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>右</translation>
    </message>
    <message>
        <source>Beginning, end</source>
        <translation>先頭、末尾</translation>
    </message>
    <message>
        <source>Home</source>
        <translation>Home</translation>
    </message>
    <message>
        <source>End</source>
        <translation>End</translation>
    </message>
    <message>
        <source>Move the zoomed picture</source>
        <translation>拡大した映像を動かす</translation>
    </message>
    <message>
        <source>Shift+arrows</source>
        <translation>Shift+矢印</translation>
    </message>
    <message>
        <source>Previous frame</source>
        <translation>前のフレーム</translation>
    </message>
    <message>
        <source>Next frame</source>
        <translation>次のフレーム</translation>
    </message>
    <message>
        <source>5 seconds back</source>
        <translation>5秒戻る</translation>
    </message>
    <message>
        <source>5 seconds on</source>
        <translation>5秒進む</translation>
    </message>
    <message>
        <source>10 seconds back</source>
        <translation>10秒戻る</translation>
    </message>
    <message>
        <source>10 seconds on</source>
        <translation>10秒進む</translation>
    </message>
    <message>
        <source>A minute back</source>
        <translation>1分戻る</translation>
    </message>
    <message>
        <source>A minute on</source>
        <translation>1分進む</translation>
    </message>
    <message>
        <source>Go to a time…</source>
        <translation>時刻へ移動…</translation>
    </message>
    <message>
        <source>Next find</source>
        <translation>次の検出</translation>
    </message>
    <message>
        <source>Find before</source>
        <translation>前の検出</translation>
    </message>
    <message>
        <source>Previous file</source>
        <translation>前のファイル</translation>
    </message>
    <message>
        <source>Next file</source>
        <translation>次のファイル</translation>
    </message>
    <message>
        <source>Part begins here</source>
        <translation>ここから範囲を開始</translation>
    </message>
    <message>
        <source>Part ends here</source>
        <translation>ここで範囲を終了</translation>
    </message>
    <message>
        <source>All of it again</source>
        <translation>範囲を解除</translation>
    </message>
    <message>
        <source>Play the part alone</source>
        <translation>範囲だけを再生</translation>
    </message>
</context>
<context>
    <name>AddressDialog</name>
    <message>
        <source>Open address</source>
        <translation>アドレスを開く</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>アドレス</translation>
    </message>
    <message>
        <source>Address of a camera or stream, or a file&apos;s path</source>
        <translation>カメラやストリームのアドレス、またはファイルのパス</translation>
    </message>
    <message>
        <source>rtsp://, http:// (MJPEG, HLS), rtmp://, srt:// or udp://. User and password go before the host: rtsp://user:password@host/stream. They are never saved.</source>
        <translation>rtsp://、http://（MJPEG、HLS）、rtmp://、srt://、udp://。ユーザー名とパスワードはホストの前に書きます：rtsp://user:password@host/stream。保存されることはありません。</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>開く</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
</context>
<context>
    <name>BackendPart</name>
    <message>
        <source>Where the detector should run</source>
        <translation>検出器を実行する場所</translation>
    </message>
    <message>
        <source>This machine meanwhile</source>
        <translation>その間はこのマシンで</translation>
    </message>
    <message>
        <source>While the server does not answer, detect on this machine</source>
        <translation>サーバーが応答しない間は、このマシンで検出します</translation>
    </message>
    <message>
        <source>this machine meanwhile</source>
        <translation>その間はこのマシン</translation>
    </message>
    <message>
        <source>Runs on</source>
        <translation>実行場所</translation>
    </message>
    <message>
        <source>Loading the detector</source>
        <translation>検出器を読み込み中</translation>
    </message>
    <message>
        <source>Keep what runs now</source>
        <translation>今のまま続ける</translation>
    </message>
    <message>
        <source>{0} does not answer; it is asked again all the time.</source>
        <translation>{0} が応答しません。接続を試み続けています。</translation>
    </message>
    <message>
        <source>{0}, since {1}.</source>
        <translation>{0}（理由：{1}）。</translation>
    </message>
    <message>
        <source>Not {0}: {1}.</source>
        <translation>{0} ではありません：{1}。</translation>
    </message>
    <message>
        <source>Loaded with the first source.</source>
        <translation>最初のソースと一緒に読み込まれます。</translation>
    </message>
    <message>
        <source>threads: {0}</source>
        <translation>スレッド：{0}</translation>
    </message>
    <message>
        <source>{0} % of the network</source>
        <translation>ネットワークの {0} %</translation>
    </message>
    <message>
        <source>Before {0} ms a frame, now {1} ms.</source>
        <translation>1 フレームあたり {0} ms から {1} ms になりました。</translation>
    </message>
    <message>
        <source>{0} % of the boxes agree.</source>
        <translation>枠の {0} % が一致しています。</translation>
    </message>
    <message>
        <source>{0} {1} is new</source>
        <translation>{0} {1} が増えました</translation>
    </message>
    <message>
        <source>{0} {1} is gone</source>
        <translation>{0} {1} がなくなりました</translation>
    </message>
    <message>
        <source>{0} {1} is now {2}</source>
        <translation>{0} {1} が {2} になりました</translation>
    </message>
    <message>
        <source>Getting {0} ready, {1:.0f} s. What runs goes on meanwhile.</source>
        <translation>{0} を準備中、{1:.0f} 秒。その間も今の検出は続きます。</translation>
    </message>
    <message>
        <source>{0} is not available: {1}.</source>
        <translation>{0} は使えません：{1}。</translation>
    </message>
</context>
<context>
    <name>Badge</name>
    <message>
        <source>Where the detector runs</source>
        <translation>検出器の実行場所</translation>
    </message>
    <message>
        <source>Switching…</source>
        <translation>切り替え中…</translation>
    </message>
    <message>
        <source>Idle</source>
        <translation>待機中</translation>
    </message>
    <message>
        <source>{0} meanwhile</source>
        <translation>一時的に {0}</translation>
    </message>
    <message>
        <source>Remote</source>
        <translation>リモート</translation>
    </message>
</context>
<context>
    <name>CheckupDialog</name>
    <message>
        <source>What works here</source>
        <translation>動作の確認</translation>
    </message>
    <message>
        <source>Every device is tried…</source>
        <translation>すべてのデバイスを試しています…</translation>
    </message>
    <message>
        <source>Copy for a bug report</source>
        <translation>不具合報告用にコピー</translation>
    </message>
    <message>
        <source>The check itself ended: {0}</source>
        <translation>確認そのものが終了しました：{0}</translation>
    </message>
    <message>
        <source>All is well.</source>
        <translation>すべて正常です。</translation>
    </message>
    <message>
        <source>It works, but something is broken.</source>
        <translation>動作しますが、一部に問題があります。</translation>
    </message>
    <message>
        <source>It does not work.</source>
        <translation>動作しません。</translation>
    </message>
    <message>
        <source>{0} ms a picture</source>
        <translation>1 枚 {0} ms</translation>
    </message>
    <message>
        <source>taken by Auto</source>
        <translation>自動で選択</translation>
    </message>
</context>
<context>
    <name>ClassNames</name>
    <message>
        <source>airplane</source>
        <translation>飛行機</translation>
    </message>
    <message>
        <source>bicycle</source>
        <translation>自転車</translation>
    </message>
    <message>
        <source>bird</source>
        <translation>鳥</translation>
    </message>
    <message>
        <source>boat</source>
        <translation>ボート</translation>
    </message>
    <message>
        <source>bottle</source>
        <translation>瓶</translation>
    </message>
    <message>
        <source>bus</source>
        <translation>バス</translation>
    </message>
    <message>
        <source>car</source>
        <translation>車</translation>
    </message>
    <message>
        <source>cat</source>
        <translation>猫</translation>
    </message>
    <message>
        <source>chair</source>
        <translation>椅子</translation>
    </message>
    <message>
        <source>cow</source>
        <translation>牛</translation>
    </message>
    <message>
        <source>dining table</source>
        <translation>食卓</translation>
    </message>
    <message>
        <source>dog</source>
        <translation>犬</translation>
    </message>
    <message>
        <source>horse</source>
        <translation>馬</translation>
    </message>
    <message>
        <source>motorbike</source>
        <translation>オートバイ</translation>
    </message>
    <message>
        <source>person</source>
        <translation>人</translation>
    </message>
    <message>
        <source>potted plant</source>
        <translation>鉢植え</translation>
    </message>
    <message>
        <source>sheep</source>
        <translation>羊</translation>
    </message>
    <message>
        <source>sofa</source>
        <translation>ソファ</translation>
    </message>
    <message>
        <source>train</source>
        <translation>電車</translation>
    </message>
    <message>
        <source>TV</source>
        <translation>テレビ</translation>
    </message>
    <message>
        <source>motorcycle</source>
        <translation>オートバイ</translation>
    </message>
    <message>
        <source>truck</source>
        <translation>トラック</translation>
    </message>
    <message>
        <source>traffic light</source>
        <translation>信号機</translation>
    </message>
    <message>
        <source>fire hydrant</source>
        <translation>消火栓</translation>
    </message>
    <message>
        <source>stop sign</source>
        <translation>一時停止標識</translation>
    </message>
    <message>
        <source>parking meter</source>
        <translation>パーキングメーター</translation>
    </message>
    <message>
        <source>bench</source>
        <translation>ベンチ</translation>
    </message>
    <message>
        <source>elephant</source>
        <translation>象</translation>
    </message>
    <message>
        <source>bear</source>
        <translation>熊</translation>
    </message>
    <message>
        <source>zebra</source>
        <translation>シマウマ</translation>
    </message>
    <message>
        <source>giraffe</source>
        <translation>キリン</translation>
    </message>
    <message>
        <source>backpack</source>
        <translation>リュックサック</translation>
    </message>
    <message>
        <source>umbrella</source>
        <translation>傘</translation>
    </message>
    <message>
        <source>handbag</source>
        <translation>ハンドバッグ</translation>
    </message>
    <message>
        <source>tie</source>
        <translation>ネクタイ</translation>
    </message>
    <message>
        <source>suitcase</source>
        <translation>スーツケース</translation>
    </message>
    <message>
        <source>frisbee</source>
        <translation>フリスビー</translation>
    </message>
    <message>
        <source>skis</source>
        <translation>スキー</translation>
    </message>
    <message>
        <source>snowboard</source>
        <translation>スノーボード</translation>
    </message>
    <message>
        <source>sports ball</source>
        <translation>ボール</translation>
    </message>
    <message>
        <source>kite</source>
        <translation>凧</translation>
    </message>
    <message>
        <source>baseball bat</source>
        <translation>バット</translation>
    </message>
    <message>
        <source>baseball glove</source>
        <translation>グローブ</translation>
    </message>
    <message>
        <source>skateboard</source>
        <translation>スケートボード</translation>
    </message>
    <message>
        <source>surfboard</source>
        <translation>サーフボード</translation>
    </message>
    <message>
        <source>tennis racket</source>
        <translation>テニスラケット</translation>
    </message>
    <message>
        <source>wine glass</source>
        <translation>ワイングラス</translation>
    </message>
    <message>
        <source>cup</source>
        <translation>カップ</translation>
    </message>
    <message>
        <source>fork</source>
        <translation>フォーク</translation>
    </message>
    <message>
        <source>knife</source>
        <translation>ナイフ</translation>
    </message>
    <message>
        <source>spoon</source>
        <translation>スプーン</translation>
    </message>
    <message>
        <source>bowl</source>
        <translation>ボウル</translation>
    </message>
    <message>
        <source>banana</source>
        <translation>バナナ</translation>
    </message>
    <message>
        <source>apple</source>
        <translation>リンゴ</translation>
    </message>
    <message>
        <source>sandwich</source>
        <translation>サンドイッチ</translation>
    </message>
    <message>
        <source>orange</source>
        <translation>オレンジ</translation>
    </message>
    <message>
        <source>broccoli</source>
        <translation>ブロッコリー</translation>
    </message>
    <message>
        <source>carrot</source>
        <translation>ニンジン</translation>
    </message>
    <message>
        <source>hot dog</source>
        <translation>ホットドッグ</translation>
    </message>
    <message>
        <source>pizza</source>
        <translation>ピザ</translation>
    </message>
    <message>
        <source>donut</source>
        <translation>ドーナツ</translation>
    </message>
    <message>
        <source>cake</source>
        <translation>ケーキ</translation>
    </message>
    <message>
        <source>couch</source>
        <translation>ソファ</translation>
    </message>
    <message>
        <source>bed</source>
        <translation>ベッド</translation>
    </message>
    <message>
        <source>toilet</source>
        <translation>トイレ</translation>
    </message>
    <message>
        <source>laptop</source>
        <translation>ノートパソコン</translation>
    </message>
    <message>
        <source>mouse</source>
        <translation>マウス</translation>
    </message>
    <message>
        <source>remote</source>
        <translation>リモコン</translation>
    </message>
    <message>
        <source>keyboard</source>
        <translation>キーボード</translation>
    </message>
    <message>
        <source>cell phone</source>
        <translation>携帯電話</translation>
    </message>
    <message>
        <source>microwave</source>
        <translation>電子レンジ</translation>
    </message>
    <message>
        <source>oven</source>
        <translation>オーブン</translation>
    </message>
    <message>
        <source>toaster</source>
        <translation>トースター</translation>
    </message>
    <message>
        <source>sink</source>
        <translation>流し台</translation>
    </message>
    <message>
        <source>refrigerator</source>
        <translation>冷蔵庫</translation>
    </message>
    <message>
        <source>book</source>
        <translation>本</translation>
    </message>
    <message>
        <source>clock</source>
        <translation>時計</translation>
    </message>
    <message>
        <source>vase</source>
        <translation>花瓶</translation>
    </message>
    <message>
        <source>scissors</source>
        <translation>はさみ</translation>
    </message>
    <message>
        <source>teddy bear</source>
        <translation>テディベア</translation>
    </message>
    <message>
        <source>hair drier</source>
        <translation>ドライヤー</translation>
    </message>
    <message>
        <source>toothbrush</source>
        <translation>歯ブラシ</translation>
    </message>
    <message>
        <source>face</source>
        <translation>顔</translation>
    </message>
</context>
<context>
    <name>ClassesSection</name>
    <message>
        <source>Classes</source>
        <translation>クラス</translation>
    </message>
    <message>
        <source>Find a class</source>
        <translation>クラスを検索</translation>
    </message>
    <message>
        <source>Double-click to show one class alone</source>
        <translation>ダブルクリックでそのクラスだけを表示</translation>
    </message>
    <message>
        <source>All</source>
        <translation>すべて</translation>
    </message>
    <message>
        <source>None</source>
        <translation>なし</translation>
    </message>
    <message>
        <source>Only this</source>
        <translation>これだけ</translation>
    </message>
    <message>
        <source>Show the chosen class alone</source>
        <translation>選んだクラスだけを表示</translation>
    </message>
    <message>
        <source>No class is shown</source>
        <translation>表示するクラスなし</translation>
    </message>
    <message>
        <source>Only: {0}</source>
        <translation>{0} のみ</translation>
    </message>
    <message>
        <source>Not shown: {0}</source>
        <translation>非表示：{0}</translation>
    </message>
    <message>
        <source>{0} of {1} classes</source>
        <translation>{1} クラス中 {0}</translation>
    </message>
    <message>
        <source>No class is called “{0}”.</source>
        <translation>「{0}」というクラスはありません。</translation>
    </message>
    <message>
        <source>classes</source>
        <translation>クラス</translation>
    </message>
    <message>
        <source>A model&apos;s classes are listed once it runs.</source>
        <translation>モデルが動くと、そのクラスがここに並びます。</translation>
    </message>
    <message>
        <source>Hidden, yet counted: {0} of {1}.</source>
        <translation>{1} のうち {0} は非表示ですが、数えています。</translation>
    </message>
    <message>
        <source>All {0} are shown.</source>
        <translation>{0} すべてを表示しています。</translation>
    </message>
    <message>
        <source>Only {0}</source>
        <translation>{0} だけ</translation>
    </message>
    <message>
        <source>Show all</source>
        <translation>すべて表示</translation>
    </message>
</context>
<context>
    <name>CloseQuestion</name>
    <message>
        <source>Close</source>
        <translation>閉じる</translation>
    </message>
    <message>
        <source>A recording is running, {0} so far.</source>
        <translation>録画中です（{0}）。</translation>
    </message>
    <message>
        <source>Finish it and close the window?</source>
        <translation>録画を終えてウィンドウを閉じますか？</translation>
    </message>
    <message>
        <source>Finish and close</source>
        <translation>録画を終えて閉じる</translation>
    </message>
    <message>
        <source>Go on recording</source>
        <translation>録画を続ける</translation>
    </message>
    <message>
        <source>Stop and close</source>
        <translation>中止して閉じる</translation>
    </message>
    <message>
        <source>Go on exporting</source>
        <translation>書き出しを続ける</translation>
    </message>
</context>
<context>
    <name>Command</name>
    <message>
        <source>Copy the command</source>
        <translation>コマンドをコピー</translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>Commands</source>
        <translation>コマンド</translation>
    </message>
    <message>
        <source>What do you want to do?</source>
        <translation>何をしますか？</translation>
    </message>
    <message>
        <source>Find a command</source>
        <translation>コマンドを検索</translation>
    </message>
    <message>
        <source>Commands found</source>
        <translation>見つかったコマンド</translation>
    </message>
</context>
<context>
    <name>CompareBar</name>
    <message>
        <source>Compare</source>
        <translation>比較</translation>
    </message>
    <message>
        <source>The other model</source>
        <translation>もう一方のモデル</translation>
    </message>
    <message>
        <source>Where the other one runs</source>
        <translation>もう一方の実行場所</translation>
    </message>
    <message>
        <source>How both are shown</source>
        <translation>両方の表示方法</translation>
    </message>
    <message>
        <source>Side by side</source>
        <translation>並べて表示</translation>
    </message>
    <message>
        <source>Split</source>
        <translation>分割</translation>
    </message>
    <message>
        <source>Where the picture is parted</source>
        <translation>映像を分ける位置</translation>
    </message>
    <message>
        <source>Or drag the line in the picture</source>
        <translation>映像の線をドラッグしても動かせます</translation>
    </message>
    <message>
        <source>Compare no more</source>
        <translation>比較をやめる</translation>
    </message>
    <message>
        <source>Beside it (B):</source>
        <translation>比較対象（B）：</translation>
    </message>
    <message>
        <source>Another model…</source>
        <translation>別のモデル…</translation>
    </message>
    <message>
        <source>Compare with a model</source>
        <translation>モデルと比較</translation>
    </message>
    <message>
        <source>Models ({0})</source>
        <translation>モデル ({0})</translation>
    </message>
</context>
<context>
    <name>CompareView</name>
    <message>
        <source>Two detectors on one picture</source>
        <translation>1 つの映像に 2 つの検出器</translation>
    </message>
</context>
<context>
    <name>Comparing</name>
    <message>
        <source>Loading {0}…</source>
        <translation>{0} を読み込み中…</translation>
    </message>
    <message>
        <source>Nothing to compare yet</source>
        <translation>比較するものがまだありません</translation>
    </message>
    <message>
        <source>Waiting for a picture.</source>
        <translation>映像を待っています。</translation>
    </message>
    <message>
        <source>Nothing is compared</source>
        <translation>比較していません</translation>
    </message>
    <message>
        <source>agree {0}   only A {1}, only B {2}   A {3:.0f} ms, B {4:.0f} ms</source>
        <translation>一致 {0}   A のみ {1}、B のみ {2}   A {3:.0f} ms、B {4:.0f} ms</translation>
    </message>
    <message>
        <source>In the last {0} frames. Both run at once here, which slows both; main.py compare measures each alone.</source>
        <translation>直近の {0} フレーム。ここでは同時に動くため、どちらも遅くなります。main.py compare では別々に測ります。</translation>
    </message>
</context>
<context>
    <name>CopyButton</name>
    <message>
        <source>Copy</source>
        <translation>コピー</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>コピーしました</translation>
    </message>
</context>
<context>
    <name>CountingDesk</name>
    <message>
        <source>All {0} of it, from {1}</source>
        <translation>{1} の全 {0}</translation>
    </message>
    <message>
        <source>What was played of it, each moment once</source>
        <translation>再生した部分（各場面 1 回ずつ）</translation>
    </message>
    <message>
        <source>From {0} to {1}</source>
        <translation>{0} から {1} まで</translation>
    </message>
    <message>
        <source>Open a video or a camera first, then draw on it.</source>
        <translation>先に動画かカメラを開いてから、その上に描いてください。</translation>
    </message>
    <message>
        <source>No: {0}.</source>
        <translation>できません：{0}。</translation>
    </message>
    <message>
        <source>Open rules</source>
        <translation>ルールを開く</translation>
    </message>
    <message>
        <source>rules</source>
        <translation>ルール</translation>
    </message>
    <message>
        <source>Save rules</source>
        <translation>ルールを保存</translation>
    </message>
    <message>
        <source>Export events</source>
        <translation>イベントを書き出す</translation>
    </message>
</context>
<context>
    <name>CountingSection</name>
    <message>
        <source>Counting</source>
        <translation>カウント</translation>
    </message>
    <message>
        <source>Drag from one end to the other, or click both; Shift keeps it straight, Esc cancels.</source>
        <translation>端から端までドラッグするか、両端をクリックします。Shift でまっすぐに、Esc で取り消します。</translation>
    </message>
    <message>
        <source>Click the corners; a click on the first one, Enter or a double click closes it. Backspace takes one back, Esc cancels.</source>
        <translation>角をクリックします。最初の角のクリック、Enter、ダブルクリックで閉じます。Backspace で 1 つ戻り、Esc で取り消します。</translation>
    </message>
    <message>
        <source>all classes</source>
        <translation>すべてのクラス</translation>
    </message>
    <message>
        <source>{0} in, {1} out</source>
        <translation>入 {0}、出 {1}</translation>
    </message>
    <message>
        <source>{0} inside, {1} entered</source>
        <translation>中に {0}、入った数 {1}</translation>
    </message>
    <message>
        <source>look only here</source>
        <translation>ここだけを見る</translation>
    </message>
    <message>
        <source>ignored</source>
        <translation>無視</translation>
    </message>
    <message>
        <source>Line</source>
        <translation>線</translation>
    </message>
    <message>
        <source>Draw a line</source>
        <translation>線を引く</translation>
    </message>
    <message>
        <source>Zone</source>
        <translation>領域</translation>
    </message>
    <message>
        <source>Draw a zone</source>
        <translation>領域を描く</translation>
    </message>
    <message>
        <source>A line counts who crosses it, a zone who is inside.</source>
        <translation>線は横切った数、領域は中にいる数を数えます。</translation>
    </message>
    <message>
        <source>{0}:  {1}</source>
        <translation>{0}：{1}</translation>
    </message>
    <message>
        <source>Rules</source>
        <translation>ルール</translation>
    </message>
    <message>
        <source>Open or save lines and zones, export events</source>
        <translation>線と領域を開く・保存する、イベントを書き出す</translation>
    </message>
    <message>
        <source>Open rules…</source>
        <translation>ルールを開く…</translation>
    </message>
    <message>
        <source>Save rules…</source>
        <translation>ルールを保存…</translation>
    </message>
    <message>
        <source>Export events…</source>
        <translation>イベントを書き出す…</translation>
    </message>
    <message>
        <source>Lines and zones</source>
        <translation>線と領域</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名前</translation>
    </message>
    <message>
        <source>Counts</source>
        <translation>数えるもの</translation>
    </message>
    <message>
        <source>bottom of the box</source>
        <translation>枠の下端</translation>
    </message>
    <message>
        <source>centre of the box</source>
        <translation>枠の中心</translation>
    </message>
    <message>
        <source>The point of a box that has to cross, or be inside</source>
        <translation>横切る、または中に入ると判定する枠の点</translation>
    </message>
    <message>
        <source>Point</source>
        <translation>判定点</translation>
    </message>
    <message>
        <source>count</source>
        <translation>数える</translation>
    </message>
    <message>
        <source>ignore</source>
        <translation>無視する</translation>
    </message>
    <message>
        <source>Count who is inside, or say where to look at all</source>
        <translation>中の数を数えるか、見る場所を限ります</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>用途</translation>
    </message>
    <message>
        <source>Turn arrow</source>
        <translation>矢印を反転</translation>
    </message>
    <message>
        <source>Let &apos;in&apos; be the other way</source>
        <translation>「入」の向きを逆にする</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>削除</translation>
    </message>
    <message>
        <source>Steady</source>
        <translation>安定表示</translation>
    </message>
    <message>
        <source>Show what is seen in more than one frame, by what it is in most of them</source>
        <translation>複数のフレームで見えたものを、最も多く判定されたクラスで表示します</translation>
    </message>
    <message>
        <source>steady picture</source>
        <translation>安定表示</translation>
    </message>
    <message>
        <source>Track ids</source>
        <translation>追跡番号</translation>
    </message>
    <message>
        <source>The number of its track behind the class name</source>
        <translation>クラス名の後ろに追跡番号を付けます</translation>
    </message>
    <message>
        <source>track ids</source>
        <translation>追跡番号</translation>
    </message>
    <message>
        <source>Trails</source>
        <translation>軌跡</translation>
    </message>
    <message>
        <source>none</source>
        <translation>なし</translation>
    </message>
    <message>
        <source>trails</source>
        <translation>軌跡</translation>
    </message>
    <message>
        <source>How much of its way is drawn behind each</source>
        <translation>それぞれの後ろに描く軌跡の長さ</translation>
    </message>
</context>
<context>
    <name>DetectionSection</name>
    <message>
        <source>Detection</source>
        <translation>検出</translation>
    </message>
    <message>
        <source>Minimum confidence</source>
        <translation>信頼度の下限</translation>
    </message>
    <message>
        <source>Boxes that the detector is less sure of are not shown</source>
        <translation>検出器の確信がこれより低い枠は表示しません</translation>
    </message>
    <message>
        <source>Merge overlapping boxes</source>
        <translation>重なる枠をまとめる</translation>
    </message>
    <message>
        <source>merging of boxes</source>
        <translation>枠のまとめ方</translation>
    </message>
    <message>
        <source>Of two boxes of one class that share more of their area (IoU), only the better one stays</source>
        <translation>同じクラスの 2 つの枠がこれより多く重なる（IoU）とき、良い方だけを残します</translation>
    </message>
    <message>
        <source>The best so many of a frame are shown</source>
        <translation>1 フレームで良い順にこの数まで表示します</translation>
    </message>
    <message>
        <source>most boxes</source>
        <translation>枠の上限</translation>
    </message>
    <message>
        <source> boxes</source>
        <translation> 個</translation>
    </message>
    <message>
        <source>At most</source>
        <translation>上限</translation>
    </message>
    <message>
        <source>Closer looks find what is small, and take 5 to 13 times as long; Auto takes as many as a frame has time for, where something moves</source>
        <translation>細かく見ると小さなものも見つかりますが、5～13 倍の時間がかかります。自動では、動きのある所を時間の許すだけ見ます</translation>
    </message>
    <message>
        <source>Whole picture</source>
        <translation>全体</translation>
    </message>
    <message>
        <source>Closer</source>
        <translation>細かく</translation>
    </message>
    <message>
        <source>Closest</source>
        <translation>最も細かく</translation>
    </message>
    <message>
        <source>Auto</source>
        <translation>自動</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>見方</translation>
    </message>
    <message>
        <source>minimum confidence</source>
        <translation>信頼度の下限</translation>
    </message>
    <message>
        <source>Of the boxes so many are right, and of all objects so many are found: measured on {0} labelled photos; yours may be easier or harder</source>
        <translation>枠のうち正しいものと、全体のうち見つかるものの割合です。ラベル付きの写真 {0} 枚で測りました。お手元の映像では良くも悪くもなります</translation>
    </message>
    <message>
        <source>About {0} % right, {1} % of all found</source>
        <translation>約 {0} % が正解、全体の {1} % を検出</translation>
    </message>
    <message>
        <source>Auto, {0:.0f} ms</source>
        <translation>自動、{0:.0f} ms</translation>
    </message>
    <message>
        <source>looks</source>
        <translation>見方</translation>
    </message>
</context>
<context>
    <name>Dials</name>
    <message>
        <source>Numbers copied</source>
        <translation>数値をコピーしました</translation>
    </message>
</context>
<context>
    <name>EventDock</name>
    <message>
        <source>Events</source>
        <translation>イベント</translation>
    </message>
    <message>
        <source>Events and replays</source>
        <translation>イベントとリプレイ</translation>
    </message>
    <message>
        <source>Nothing yet. What B saves is listed here, and what happens where the rules say so (--rules, --clips).</source>
        <translation>まだありません。B で保存したものと、ルールに従って起きたこと（--rules、--clips）がここに並びます。</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>再生</translation>
    </message>
    <message>
        <source>Star</source>
        <translation>スターを付ける</translation>
    </message>
    <message>
        <source>Starred clips are never removed by themselves</source>
        <translation>スター付きのクリップは自動では削除されません</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>フォルダーで表示</translation>
    </message>
    <message>
        <source>Annotated copy</source>
        <translation>枠付きのコピー</translation>
    </message>
    <message>
        <source>A copy with boxes; the clip stays as it is</source>
        <translation>枠付きのコピーです。元のクリップはそのまま残ります</translation>
    </message>
    <message>
        <source>Who is told</source>
        <translation>通知先</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>音</translation>
    </message>
    <message>
        <source>Notification</source>
        <translation>通知</translation>
    </message>
    <message>
        <source>Webhook</source>
        <translation>Webhook</translation>
    </message>
    <message>
        <source>MQTT</source>
        <translation>MQTT</translation>
    </message>
    <message>
        <source>Try it</source>
        <translation>試す</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}：{1}</translation>
    </message>
    <message>
        <source>Nobody. The rules can say who: docs/watching.md.</source>
        <translation>なし。ルールで指定できます：docs/watching.md</translation>
    </message>
    <message>
        <source>Take the star</source>
        <translation>スターを外す</translation>
    </message>
    <message>
        <source>Replay</source>
        <translation>リプレイ</translation>
    </message>
</context>
<context>
    <name>EventList</name>
    <message>
        <source>Events</source>
        <translation>イベント</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>正しい</translation>
    </message>
    <message>
        <source>It happened; go to the next</source>
        <translation>実際に起きた。次へ</translation>
    </message>
    <message>
        <source>Wrong</source>
        <translation>誤り</translation>
    </message>
    <message>
        <source>It did not happen; go to the next</source>
        <translation>実際には起きていない。次へ</translation>
    </message>
    <message>
        <source>Nothing was counted yet.</source>
        <translation>まだ何も数えていません。</translation>
    </message>
    <message>
        <source>{0} events; click one to look at it.</source>
        <translation>{0} 件。クリックするとその場面を表示します。</translation>
    </message>
    <message>
        <source>{0} events, of {1} looked at {2} right.</source>
        <translation>{0} 件。確認した {1} 件のうち {2} 件が正解。</translation>
    </message>
</context>
<context>
    <name>EventModel</name>
    <message>
        <source>entered</source>
        <translation>入った</translation>
    </message>
    <message>
        <source>left</source>
        <translation>出た</translation>
    </message>
    <message>
        <source>appeared inside</source>
        <translation>中に現れた</translation>
    </message>
    <message>
        <source>last seen inside</source>
        <translation>中で見失った</translation>
    </message>
    <message>
        <source>in</source>
        <translation>入</translation>
    </message>
    <message>
        <source>out</source>
        <translation>出</translation>
    </message>
    <message>
        <source>right</source>
        <translation>正解</translation>
    </message>
    <message>
        <source>WRONG</source>
        <translation>誤り</translation>
    </message>
    <message>
        <source>{0}, track {1}</source>
        <translation>{0}、追跡番号 {1}</translation>
    </message>
</context>
<context>
    <name>Events</name>
    <message>
        <source>Save the last seconds (B)</source>
        <translation>直前の数秒を保存（B）</translation>
    </message>
    <message>
        <source>{0:.0f} s ready</source>
        <translation>{0:.0f} 秒分あり</translation>
    </message>
    <message>
        <source>what is kept</source>
        <translation>保持する長さ</translation>
    </message>
    <message>
        <source>The star cannot be kept: {0}.</source>
        <translation>スターを保存できません：{0}。</translation>
    </message>
    <message>
        <source>Look at the permissions of the folder.</source>
        <translation>フォルダーのアクセス権を確認してください。</translation>
    </message>
    <message>
        <source>Drawing {0}…</source>
        <translation>{0} に枠を描いています…</translation>
    </message>
    <message>
        <source>Trying…</source>
        <translation>試しています…</translation>
    </message>
    <message>
        <source>{0}: it arrived.</source>
        <translation>{0}：届きました。</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message>
        <source>Export</source>
        <translation>書き出し</translation>
    </message>
    <message>
        <source>Add files…</source>
        <translation>ファイルを追加…</translation>
    </message>
    <message>
        <source>Add folder…</source>
        <translation>フォルダーを追加…</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>削除</translation>
    </message>
    <message>
        <source>Folder for what is written</source>
        <translation>書き出し先のフォルダー</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>選択…</translation>
    </message>
    <message>
        <source>Video with its boxes (.mp4)</source>
        <translation>枠を描いた動画（.mp4）</translation>
    </message>
    <message>
        <source>Table of boxes (CSV)</source>
        <translation>枠の表（CSV）</translation>
    </message>
    <message>
        <source>Boxes for training (COCO)</source>
        <translation>学習用の枠（COCO）</translation>
    </message>
    <message>
        <source>Counts at the lines and zones</source>
        <translation>線と領域での数</translation>
    </message>
    <message>
        <source>Whole picture</source>
        <translation>全体</translation>
    </message>
    <message>
        <source>Closer</source>
        <translation>細かく</translation>
    </message>
    <message>
        <source>Closest</source>
        <translation>最も細かく</translation>
    </message>
    <message>
        <source>How much is done</source>
        <translation>進み具合</translation>
    </message>
    <message>
        <source>File</source>
        <translation>ファイル</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状態</translation>
    </message>
    <message>
        <source>Files to export</source>
        <translation>書き出すファイル</translation>
    </message>
    <message>
        <source>Go on with it</source>
        <translation>続きから</translation>
    </message>
    <message>
        <source>Cancel export</source>
        <translation>書き出しを中止</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>フォルダーで表示</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>閉じる</translation>
    </message>
    <message>
        <source>Into</source>
        <translation>書き出し先</translation>
    </message>
    <message>
        <source>Write</source>
        <translation>出力</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>見方</translation>
    </message>
    <message>
        <source>Draw a line or a zone on the picture first</source>
        <translation>先に映像に線か領域を描いてください</translation>
    </message>
    <message>
        <source>The export goes on; the status bar shows it</source>
        <translation>書き出しは続きます。ステータスバーに表示されます</translation>
    </message>
    <message>
        <source>Videos to export</source>
        <translation>書き出す動画</translation>
    </message>
    <message>
        <source>Videos ({0});;All files (*)</source>
        <translation>動画 ({0});;すべてのファイル (*)</translation>
    </message>
    <message>
        <source>A folder of videos</source>
        <translation>動画のフォルダー</translation>
    </message>
</context>
<context>
    <name>Exporting</name>
    <message>
        <source>Show the export</source>
        <translation>書き出しを表示</translation>
    </message>
    <message>
        <source>Exported videos: {0} of {1}.</source>
        <translation>{1} 本中 {0} 本を書き出しました。</translation>
    </message>
    <message>
        <source>Stop here and close? The next start can go on with it.</source>
        <translation>ここで中止して閉じますか？次の起動時に続きから再開できます。</translation>
    </message>
    <message>
        <source>An export is running: {0} of {1} videos are done.</source>
        <translation>書き出し中です：{1} 本中 {0} 本が完了しました。</translation>
    </message>
    <message>
        <source>Of {0}, only {1} to {2}</source>
        <translation>{0} の {1} から {2} のみ</translation>
    </message>
    <message>
        <source>All that is found is written in any case (.jsonl), as the window finds it: {0}, {1}, confidence from {2} %.</source>
        <translation>検出結果（.jsonl）は常に書き出されます。設定はウィンドウと同じです：{0}、{1}、信頼度 {2} % 以上。</translation>
    </message>
    <message>
        <source>{0} is hidden, and an export would show it.</source>
        <translation>{0} を隠していますが、書き出すと見えてしまいます。</translation>
    </message>
    <message>
        <source>Looking what there is to do…</source>
        <translation>することを調べています…</translation>
    </message>
    <message>
        <source>An export of {0} files, into {1}, was begun and not finished.</source>
        <translation>{0} 個のファイルの {1} への書き出しが途中で止まっています。</translation>
    </message>
    <message>
        <source>Nothing was exported.</source>
        <translation>何も書き出していません。</translation>
    </message>
    <message>
        <source>Waits</source>
        <translation>待機中</translation>
    </message>
    <message>
        <source>What is to be done cannot be kept: {0}</source>
        <translation>作業内容を保存できません：{0}</translation>
    </message>
    <message>
        <source>{0} frames</source>
        <translation>{0} フレーム</translation>
    </message>
    <message>
        <source>{0} %</source>
        <translation>{0} %</translation>
    </message>
    <message>
        <source>Done: {0}</source>
        <translation>完了：{0}</translation>
    </message>
    <message>
        <source>Was done already</source>
        <translation>すでに完了</translation>
    </message>
    <message>
        <source>Stopped; can be gone on with</source>
        <translation>中止しました（続きから再開できます）</translation>
    </message>
    <message>
        <source>Failed: {0}</source>
        <translation>失敗：{0}</translation>
    </message>
    <message>
        <source>The export ended by itself: {0}</source>
        <translation>書き出しが終了してしまいました：{0}</translation>
    </message>
    <message>
        <source>{0} failed; the list says why.</source>
        <translation>{0} 件が失敗しました。理由は一覧にあります。</translation>
    </message>
    <message>
        <source>{0} of {1} videos</source>
        <translation>{0} / {1} 本</translation>
    </message>
    <message>
        <source>{0:.0f} frames/s</source>
        <translation>毎秒 {0:.0f} フレーム</translation>
    </message>
    <message>
        <source>{0} left</source>
        <translation>残り {0}</translation>
    </message>
    <message>
        <source>Exporting {0} %</source>
        <translation>書き出し中 {0} %</translation>
    </message>
</context>
<context>
    <name>Finds</name>
    <message>
        <source>No {0} is known after this place.</source>
        <translation>これより後に見つかった {0} はありません。</translation>
    </message>
    <message>
        <source>No {0} is known before this place.</source>
        <translation>これより前に見つかった {0} はありません。</translation>
    </message>
    <message>
        <source>Nothing is known after this place.</source>
        <translation>これより後に見つかったものはありません。</translation>
    </message>
    <message>
        <source>Nothing is known before this place.</source>
        <translation>これより前に見つかったものはありません。</translation>
    </message>
    <message>
        <source>What was not played is not known.</source>
        <translation>再生していない部分はわかりません。</translation>
    </message>
</context>
<context>
    <name>Further</name>
    <message>
        <source>More</source>
        <translation>その他</translation>
    </message>
</context>
<context>
    <name>Hearing</name>
    <message>
        <source>Sound off</source>
        <translation>音声オフ</translation>
    </message>
    <message>
        <source>Sound on</source>
        <translation>音声オン</translation>
    </message>
    <message>
        <source>Volume {0} %</source>
        <translation>音量 {0}%</translation>
    </message>
</context>
<context>
    <name>HidingSection</name>
    <message>
        <source>Hiding</source>
        <translation>隠す</translation>
    </message>
    <message>
        <source>Classes to hide</source>
        <translation>隠すクラス</translation>
    </message>
    <message>
        <source>All of a checked class are covered: window, recordings, pictures</source>
        <translation>チェックしたクラスはすべて隠します：ウィンドウ、録画、静止画</translation>
    </message>
    <message>
        <source>One colour</source>
        <translation>単色</translation>
    </message>
    <message>
        <source>Large blocks</source>
        <translation>モザイク</translation>
    </message>
    <message>
        <source>Outline</source>
        <translation>輪郭</translation>
    </message>
    <message>
        <source>how to hide</source>
        <translation>隠し方</translation>
    </message>
    <message>
        <source>Cover what was not looked at</source>
        <translation>未確認の映像も隠す</translation>
    </message>
    <message>
        <source>Where a camera gives nothing new, or the model does not know the class, the whole picture is covered</source>
        <translation>カメラから新しい映像が来ないときや、モデルがそのクラスを知らないときは、映像全体を隠します</translation>
    </message>
    <message>
        <source>covering</source>
        <translation>隠し方</translation>
    </message>
    <message>
        <source>Whom the detector does not see stays visible: docs/privacy.md.</source>
        <translation>検出器が見つけられない人は映ります：docs/privacy.md</translation>
    </message>
    <message>
        <source>With</source>
        <translation>方法</translation>
    </message>
    <message>
        <source>hiding</source>
        <translation>隠す対象</translation>
    </message>
    <message>
        <source>Nobody is hidden.</source>
        <translation>隠しているものはありません。</translation>
    </message>
    <message>
        <source>Hidden: {0}. This model does not know {1}.</source>
        <translation>隠す対象：{0}。このモデルは {1} を知りません。</translation>
    </message>
    <message>
        <source>Hidden everywhere: {0}.</source>
        <translation>すべてで隠しています：{0}。</translation>
    </message>
</context>
<context>
    <name>KeepDialog</name>
    <message>
        <source>Keep as test</source>
        <translation>テストとして保存</translation>
    </message>
    <message>
        <source>Keeps a clip and what is found in it now. Later, “main.py verify” tells what has changed.</source>
        <translation>クリップと、今そこで見つかるものを保存します。後で「main.py verify」が変わった点を知らせます。</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名前</translation>
    </message>
    <message>
        <source>Before this picture</source>
        <translation>この場面の前</translation>
    </message>
    <message>
        <source>After it</source>
        <translation>この場面の後</translation>
    </message>
    <message>
        <source>From now on</source>
        <translation>今から</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source> s</source>
        <translation> 秒</translation>
    </message>
</context>
<context>
    <name>Keeper</name>
    <message>
        <source>The disk does not answer, so nothing is recorded.</source>
        <translation>ディスクが応答しないため、録画していません。</translation>
    </message>
    <message>
        <source>Try again in a moment.</source>
        <translation>少し待ってから、もう一度お試しください。</translation>
    </message>
    <message>
        <source>This picture, from before {0} was hidden, was not saved.</source>
        <translation>{0} を隠す前の映像のため、保存しませんでした。</translation>
    </message>
    <message>
        <source>Take the next one.</source>
        <translation>次の場面で撮ってください。</translation>
    </message>
    <message>
        <source>Others are still being saved, so this one was not taken.</source>
        <translation>ほかの静止画を保存中のため、撮れませんでした。</translation>
    </message>
    <message>
        <source>The folder for recordings cannot be made: {0}.</source>
        <translation>録画用のフォルダーを作れません：{0}。</translation>
    </message>
    <message>
        <source>Look at its permissions, and at the room on the disk.</source>
        <translation>アクセス権とディスクの空きを確認してください。</translation>
    </message>
</context>
<context>
    <name>LanguageMenu</name>
    <message>
        <source>Language</source>
        <translation>言語</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>システムに合わせる</translation>
    </message>
</context>
<context>
    <name>Lists</name>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
</context>
<context>
    <name>Marks</name>
    <message>
        <source>{0}: {1} in, {2} out</source>
        <translation>{0}：入 {1}、出 {2}</translation>
    </message>
    <message>
        <source>{0}: {1} inside, {2} entered</source>
        <translation>{0}：中に {1}、入った数 {2}</translation>
    </message>
    <message>
        <source>No picture since {0}</source>
        <translation>{0} から映像がありません</translation>
    </message>
</context>
<context>
    <name>Messages</name>
    <message>
        <source>Use the CPU</source>
        <translation>CPU を使う</translation>
    </message>
    <message>
        <source>Something went wrong that should not have: {0}</source>
        <translation>予期しない問題が起きました：{0}</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>詳細をコピー</translation>
    </message>
    <message>
        <source>{0} It goes on by itself when it is back.</source>
        <translation>{0} 復帰すると自動で再開します。</translation>
    </message>
    <message>
        <source>Back again after {0:.0f} s.</source>
        <translation>{0:.0f} 秒ぶりに復帰しました。</translation>
    </message>
    <message>
        <source>Saved {0}</source>
        <translation>保存しました：{0}</translation>
    </message>
    <message>
        <source>Keeping {0}…</source>
        <translation>{0} を保存中…</translation>
    </message>
    <message>
        <source>Keeping the next {1:.0f} s as {0}…</source>
        <translation>これから {1:.0f} 秒を {0} として保存します…</translation>
    </message>
    <message>
        <source>Kept {0}: {1}</source>
        <translation>保存しました：{0}：{1}</translation>
    </message>
    <message>
        <source>Nothing was recorded: no new picture came meanwhile.</source>
        <translation>新しい映像が来なかったため、何も録画していません。</translation>
    </message>
    <message>
        <source>Recorded {0} to {1}</source>
        <translation>{0} を録画しました：{1}</translation>
    </message>
    <message>
        <source> ({0} frames were dropped)</source>
        <translation>（{0} フレーム欠落）</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>再生</translation>
    </message>
    <message>
        <source>Copy path</source>
        <translation>パスをコピー</translation>
    </message>
    <message>
        <source>Saved the last {0} to {1}</source>
        <translation>直前の {0} を保存しました：{1}</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>もう一度試す</translation>
    </message>
    <message>
        <source>Nothing is kept of what was before, so nothing can be saved.</source>
        <translation>過去の映像を保持していないため、保存できません。</translation>
    </message>
    <message>
        <source>Keep the last {0} s from now on</source>
        <translation>今後は直前の {0} 秒を保持する</translation>
    </message>
    <message>
        <source>The end.</source>
        <translation>終わりです。</translation>
    </message>
    <message>
        <source>Play again</source>
        <translation>もう一度再生</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>フォルダーで表示</translation>
    </message>
    <message>
        <source>{0} holds weights: a model is made of them first, then opened here.</source>
        <translation>{0} は重みファイルです。先にモデルを作り、それをここで開きます。</translation>
    </message>
    <message>
        <source>Copy the command</source>
        <translation>コマンドをコピー</translation>
    </message>
    <message>
        <source>No program was found that shows folders. It is {0}</source>
        <translation>フォルダーを表示するプログラムが見つかりません。場所は {0} です</translation>
    </message>
    <message>
        <source>Copy the path</source>
        <translation>パスをコピー</translation>
    </message>
</context>
<context>
    <name>ModelSection</name>
    <message>
        <source>Model</source>
        <translation>モデル</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>開く…</translation>
    </message>
    <message>
        <source>Make one…</source>
        <translation>作る…</translation>
    </message>
    <message>
        <source>How a model is made from weights</source>
        <translation>重みからモデルを作る方法</translation>
    </message>
    <message>
        <source>Not loaded.</source>
        <translation>読み込まれていません。</translation>
    </message>
    <message>
        <source>Sees {0} x {1} pixels, knows {2} classes</source>
        <translation>入力 {0} x {1} ピクセル、{2} クラス</translation>
    </message>
    <message>
        <source>{0} ms</source>
        <translation>{0} ms</translation>
    </message>
    <message>
        <source>This makes one from your own weights (.caffemodel, .tflite, .pb, .h5, .keras). Then open it here, or drop it on the window.</source>
        <translation>手持ちの重み（.caffemodel、.tflite、.pb、.h5、.keras）から作ります。できたらここで開くか、ウィンドウにドロップしてください。</translation>
    </message>
</context>
<context>
    <name>NoticeBar</name>
    <message>
        <source>Notice</source>
        <translation>お知らせ</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>閉じる</translation>
    </message>
</context>
<context>
    <name>Opener</name>
    <message>
        <source>Open videos, or photos</source>
        <translation>動画または写真を開く</translation>
    </message>
    <message>
        <source>Videos and photos ({0});;All files (*)</source>
        <translation>動画と写真 ({0});;すべてのファイル (*)</translation>
    </message>
    <message>
        <source>Open a folder of videos or photos</source>
        <translation>動画または写真のフォルダーを開く</translation>
    </message>
    <message>
        <source>Open a model</source>
        <translation>モデルを開く</translation>
    </message>
    <message>
        <source>Models ({0})</source>
        <translation>モデル ({0})</translation>
    </message>
    <message>
        <source>No camera found</source>
        <translation>カメラが見つかりません</translation>
    </message>
    <message>
        <source>Bundled street clip</source>
        <translation>付属の街頭映像</translation>
    </message>
    <message>
        <source>Nothing yet</source>
        <translation>まだありません</translation>
    </message>
    <message>
        <source>Forget these</source>
        <translation>履歴を消去</translation>
    </message>
</context>
<context>
    <name>OverlaySection</name>
    <message>
        <source>Overlay</source>
        <translation>重ね描き</translation>
    </message>
    <message>
        <source>Lines</source>
        <translation>線</translation>
    </message>
    <message>
        <source>line width</source>
        <translation>線の太さ</translation>
    </message>
    <message>
        <source>How thick the boxes are</source>
        <translation>枠の太さ</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>ラベル</translation>
    </message>
    <message>
        <source>none</source>
        <translation>なし</translation>
    </message>
    <message>
        <source>label size</source>
        <translation>ラベルの大きさ</translation>
    </message>
    <message>
        <source>How large class names are; at the far left there are none</source>
        <translation>クラス名の大きさ。左端では表示しません</translation>
    </message>
    <message>
        <source>Fill</source>
        <translation>塗り</translation>
    </message>
    <message>
        <source>fill</source>
        <translation>塗り</translation>
    </message>
    <message>
        <source>How much of the class&apos;s colour is inside a box</source>
        <translation>枠の中を塗る濃さ</translation>
    </message>
    <message>
        <source>Scores</source>
        <translation>スコア</translation>
    </message>
    <message>
        <source>The score behind the class name</source>
        <translation>クラス名の後ろにスコアを付けます</translation>
    </message>
    <message>
        <source>scores</source>
        <translation>スコア</translation>
    </message>
    <message>
        <source>FPS</source>
        <translation>FPS</translation>
    </message>
    <message>
        <source>Frames a second in the corner of the picture</source>
        <translation>1 秒あたりのフレーム数を映像の隅に表示します</translation>
    </message>
    <message>
        <source>One name for each object</source>
        <translation>対象ごとに名前は 1 つ</translation>
    </message>
    <message>
        <source>Of two classes on the same box, the better one alone</source>
        <translation>同じ枠に 2 つのクラスがあるとき、良い方だけを描きます</translation>
    </message>
    <message>
        <source>names</source>
        <translation>名前</translation>
    </message>
</context>
<context>
    <name>PartMarks</name>
    <message>
        <source>All of it again</source>
        <translation>範囲を解除</translation>
    </message>
    <message>
        <source>Part: {0} to {1}</source>
        <translation>範囲：{0} から {1}</translation>
    </message>
</context>
<context>
    <name>PlayList</name>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} / {1}</translation>
    </message>
    <message>
        <source>{0} was passed over: {1}</source>
        <translation>{0} を飛ばしました：{1}</translation>
    </message>
</context>
<context>
    <name>PlotDock</name>
    <message>
        <source>Plots</source>
        <translation>グラフ</translation>
    </message>
</context>
<context>
    <name>Plots</name>
    <message>
        <source>Time of a frame</source>
        <translation>1 フレームの時間</translation>
    </message>
    <message>
        <source>milliseconds</source>
        <translation>ミリ秒</translation>
    </message>
    <message>
        <source>Stage times of the last half minute, stacked</source>
        <translation>直近 30 秒の各段階の時間（積み上げ）</translation>
    </message>
    <message>
        <source>Found in a frame</source>
        <translation>1 フレームで見つかった数</translation>
    </message>
    <message>
        <source>objects</source>
        <translation>個数</translation>
    </message>
    <message>
        <source>Counts of each class over the last half minute</source>
        <translation>直近 30 秒のクラス別の数</translation>
    </message>
    <message>
        <source>Went by</source>
        <translation>通過</translation>
    </message>
    <message>
        <source>counted</source>
        <translation>数</translation>
    </message>
    <message>
        <source>How many crossed each line or entered each zone, over time</source>
        <translation>各線を横切った数、各領域に入った数の推移</translation>
    </message>
    <message>
        <source>and {0} more</source>
        <translation>ほか {0}</translation>
    </message>
    <message>
        <source>capture age</source>
        <translation>取得後</translation>
    </message>
    <message>
        <source>wait</source>
        <translation>待ち</translation>
    </message>
    <message>
        <source>preprocess</source>
        <translation>前処理</translation>
    </message>
    <message>
        <source>inference</source>
        <translation>推論</translation>
    </message>
    <message>
        <source>postprocess</source>
        <translation>後処理</translation>
    </message>
    <message>
        <source>draw</source>
        <translation>描画</translation>
    </message>
    <message>
        <source>show</source>
        <translation>表示</translation>
    </message>
</context>
<context>
    <name>RecordingSection</name>
    <message>
        <source>Recording</source>
        <translation>録画</translation>
    </message>
    <message>
        <source>new files</source>
        <translation>ファイルの分割</translation>
    </message>
    <message>
        <source>Without boxes, they are in a file beside it, to be drawn later</source>
        <translation>枠なし。枠は隣のファイルに保存され、あとから描けます</translation>
    </message>
    <message>
        <source>with boxes</source>
        <translation>枠つき</translation>
    </message>
    <message>
        <source>the clean picture</source>
        <translation>元の映像</translation>
    </message>
    <message>
        <source>what is recorded</source>
        <translation>録画する映像</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>録画</translation>
    </message>
    <message>
        <source>New file after</source>
        <translation>分割（時間）</translation>
    </message>
    <message>
        <source>New file at</source>
        <translation>分割（サイズ）</translation>
    </message>
    <message>
        <source>Not recording</source>
        <translation>録画していません</translation>
    </message>
    <message>
        <source>Waiting, {0}</source>
        <translation>待機中、{0}</translation>
    </message>
    <message>
        <source>Recording, {0}</source>
        <translation>録画中、{0}</translation>
    </message>
    <message>
        <source>Nothing is recorded while what plays stands still.</source>
        <translation>再生が止まっている間は録画しません。</translation>
    </message>
    <message>
        <source>{0} MB</source>
        <translation>{0} MB</translation>
    </message>
    <message>
        <source>{0} frames dropped</source>
        <translation>{0} フレーム欠落</translation>
    </message>
    <message>
        <source>nothing dropped</source>
        <translation>欠落なし</translation>
    </message>
    <message>
        <source>{0} GB free</source>
        <translation>空き {0} GB</translation>
    </message>
    <message>
        <source>{0}: room for {1} more</source>
        <translation>{0}：あと {1}</translation>
    </message>
    <message>
        <source>{0} min</source>
        <translation>{0} 分</translation>
    </message>
    <message>
        <source>{0} h</source>
        <translation>{0} 時間</translation>
    </message>
    <message>
        <source>{0} days</source>
        <translation>{0} 日</translation>
    </message>
    <message>
        <source>A long recording goes on in a new file</source>
        <translation>長い録画は新しいファイルに続きます</translation>
    </message>
    <message>
        <source>never</source>
        <translation>しない</translation>
    </message>
</context>
<context>
    <name>ReplayRows</name>
    <message>
        <source>Of a camera; saved by B</source>
        <translation>カメラのみ。B で保存します</translation>
    </message>
    <message>
        <source>In memory; what is older goes</source>
        <translation>メモリ内。古いものから消えます</translation>
    </message>
    <message>
        <source>Keep the last</source>
        <translation>直前の保持</translation>
    </message>
    <message>
        <source>At most</source>
        <translation>上限</translation>
    </message>
    <message>
        <source>Holds {0} s in {1} MB</source>
        <translation>{0} 秒分を {1} MB で保持中</translation>
    </message>
    <message>
        <source>what is kept</source>
        <translation>保持する長さ</translation>
    </message>
    <message>
        <source>{0} MB</source>
        <translation>{0} MB</translation>
    </message>
    <message>
        <source>{0} s</source>
        <translation>{0} 秒</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>なし</translation>
    </message>
</context>
<context>
    <name>Replays</name>
    <message>
        <source>Nothing plays, so there is nothing to save.</source>
        <translation>何も再生していないため、保存するものがありません。</translation>
    </message>
    <message>
        <source>Open a camera first.</source>
        <translation>先にカメラを開いてください。</translation>
    </message>
</context>
<context>
    <name>RulesEditor</name>
    <message>
        <source>line {0}</source>
        <translation>線 {0}</translation>
    </message>
    <message>
        <source>zone {0}</source>
        <translation>領域 {0}</translation>
    </message>
    <message>
        <source>change of {0}</source>
        <translation>{0} の変更</translation>
    </message>
    <message>
        <source>removal of {0}</source>
        <translation>{0} の削除</translation>
    </message>
</context>
<context>
    <name>Scene</name>
    <message>
        <source>Picture</source>
        <translation>映像</translation>
    </message>
</context>
<context>
    <name>SceneKeeper</name>
    <message>
        <source>Photos are no clip to test with.</source>
        <translation>写真はテスト用のクリップになりません。</translation>
    </message>
    <message>
        <source>Open a video, or a camera.</source>
        <translation>動画かカメラを開いてください。</translation>
    </message>
    <message>
        <source>A test keeps the original, and who is hidden now would be seen.</source>
        <translation>テストには元の映像が残るため、今隠している人が見えてしまいます。</translation>
    </message>
    <message>
        <source>Hide nobody first, in the panel under Hiding.</source>
        <translation>先にパネルの「隠す」で、隠す対象をなくしてください。</translation>
    </message>
    <message>
        <source>Nothing plays any more, so nothing was kept.</source>
        <translation>再生が終わったため、保存していません。</translation>
    </message>
    <message>
        <source>Open the camera again.</source>
        <translation>カメラをもう一度開いてください。</translation>
    </message>
    <message>
        <source>Others are still being kept, so this one was not.</source>
        <translation>ほかのテストを保存中のため、保存していません。</translation>
    </message>
    <message>
        <source>Try again in a moment.</source>
        <translation>少し待ってから、もう一度お試しください。</translation>
    </message>
</context>
<context>
    <name>Section</name>
    <message>
        <source>All of this section as it was at first</source>
        <translation>この欄をすべて初期値に戻す</translation>
    </message>
    <message>
        <source>Reset {0}</source>
        <translation>{0} をリセット</translation>
    </message>
    <message>
        <source>{0}:  {1}</source>
        <translation>{0}：{1}</translation>
    </message>
    <message>
        <source>folded</source>
        <translation>折りたたみ</translation>
    </message>
    <message>
        <source>unfolded</source>
        <translation>展開</translation>
    </message>
</context>
<context>
    <name>Sentences</name>
    <message>
        <source>A Wayland desktop does not let programs see the screen.</source>
        <translation>Wayland のデスクトップでは、プログラムが画面を見られません。</translation>
    </message>
    <message>
        <source>A file is called {0}, too.</source>
        <translation>{0} という名前のファイルもあります。</translation>
    </message>
    <message>
        <source>A recording is already running.</source>
        <translation>すでに録画中です。</translation>
    </message>
    <message>
        <source>A sound track in an unknown format was left out.</source>
        <translation>形式不明の音声トラックは省かれました。</translation>
    </message>
    <message>
        <source>A sound track that begins late was left out.</source>
        <translation>途中から始まる音声トラックは省かれました。</translation>
    </message>
    <message>
        <source>Add --device openvino, or choose a copy of the model (.int8, .fp16).</source>
        <translation>--device openvino を付けるか、モデルの別の版（.int8、.fp16）を選んでください。</translation>
    </message>
    <message>
        <source>An earlier one, cut off, is in {0}.</source>
        <translation>以前の中断された録画は {0} にあります。</translation>
    </message>
    <message>
        <source>Build it again with: python build_model.py</source>
        <translation>作り直してください：python build_model.py</translation>
    </message>
    <message>
        <source>Check it, or open another camera, address or file.</source>
        <translation>確認するか、別のカメラ、アドレス、ファイルを開いてください。</translation>
    </message>
    <message>
        <source>Check its brackets: [ and ].</source>
        <translation>括弧 [ ] を確認してください。</translation>
    </message>
    <message>
        <source>Check its permissions.</source>
        <translation>アクセス権を確認してください。</translation>
    </message>
    <message>
        <source>Check the address.</source>
        <translation>アドレスを確認してください。</translation>
    </message>
    <message>
        <source>Check the file&apos;s permissions.</source>
        <translation>ファイルのアクセス権を確認してください。</translation>
    </message>
    <message>
        <source>Check the name, and that the camera is plugged in.</source>
        <translation>名前と、カメラが接続されているかを確認してください。</translation>
    </message>
    <message>
        <source>Check the name.</source>
        <translation>名前を確認してください。</translation>
    </message>
    <message>
        <source>Check the network.</source>
        <translation>ネットワークを確認してください。</translation>
    </message>
    <message>
        <source>Check the pattern.</source>
        <translation>パターンを確認してください。</translation>
    </message>
    <message>
        <source>Check what was pasted.</source>
        <translation>貼り付けた内容を確認してください。</translation>
    </message>
    <message>
        <source>Choose a file in it.</source>
        <translation>その中のファイルを選んでください。</translation>
    </message>
    <message>
        <source>Choose a file.</source>
        <translation>ファイルを選んでください。</translation>
    </message>
    <message>
        <source>Choose a model that detects objects in pictures.</source>
        <translation>画像から物体を検出するモデルを選んでください。</translation>
    </message>
    <message>
        <source>Choose a model that takes colour pictures.</source>
        <translation>カラー画像を入力にとるモデルを選んでください。</translation>
    </message>
    <message>
        <source>Choose a server that does: main.py serve, Triton, KServe.</source>
        <translation>対応するサーバーを選んでください：main.py serve、Triton、KServe</translation>
    </message>
    <message>
        <source>Choose a video such as .mp4, .mkv, .mov, .avi or .webm.</source>
        <translation>.mp4、.mkv、.mov、.avi、.webm などの動画を選んでください。</translation>
    </message>
    <message>
        <source>Choose an .onnx file.</source>
        <translation>.onnx ファイルを選んでください。</translation>
    </message>
    <message>
        <source>Choose another device.</source>
        <translation>別のデバイスを選んでください。</translation>
    </message>
    <message>
        <source>Choose another file; ONNX Runtime says: {0}</source>
        <translation>別のファイルを選んでください。ONNX Runtime のメッセージ：{0}</translation>
    </message>
    <message>
        <source>Choose another folder or another name.</source>
        <translation>別のフォルダーまたは別の名前を選んでください。</translation>
    </message>
    <message>
        <source>Choose another folder, or pass --overwrite.</source>
        <translation>別のフォルダーを選ぶか、--overwrite を付けてください。</translation>
    </message>
    <message>
        <source>Choose another folder.</source>
        <translation>別のフォルダーを選んでください。</translation>
    </message>
    <message>
        <source>Choose another model, or another device.</source>
        <translation>別のモデルか、別のデバイスを選んでください。</translation>
    </message>
    <message>
        <source>Choose another model, or export it with one input.</source>
        <translation>別のモデルを選ぶか、入力 1 つで書き出し直してください。</translation>
    </message>
    <message>
        <source>Choose another name, or pass --overwrite.</source>
        <translation>別の名前を選ぶか、--overwrite を付けてください。</translation>
    </message>
    <message>
        <source>Choose another name.</source>
        <translation>別の名前を選んでください。</translation>
    </message>
    <message>
        <source>Choose another one, or a video in it.</source>
        <translation>別のフォルダーか、その中の動画を選んでください。</translation>
    </message>
    <message>
        <source>Choose one of letters and digits, the same on both sides.</source>
        <translation>英数字のものを、両側で同じにしてください。</translation>
    </message>
    <message>
        <source>Choose others: {0}.</source>
        <translation>ほかのものを選んでください：{0}。</translation>
    </message>
    <message>
        <source>Choose the float copy of the model.</source>
        <translation>モデルの float 版を選んでください。</translation>
    </message>
    <message>
        <source>Choose the float or fp16 copy of the model.</source>
        <translation>モデルの float 版か fp16 版を選んでください。</translation>
    </message>
    <message>
        <source>Close that one, and check that the system lets this app use cameras. Or open a video file.</source>
        <translation>そのプログラムを閉じ、このアプリにカメラの使用が許可されているか確認してください。動画ファイルも開けます。</translation>
    </message>
    <message>
        <source>Convert it to H.264, with HandBrake for example.</source>
        <translation>HandBrake などで H.264 に変換してください。</translation>
    </message>
    <message>
        <source>Create it, or choose another.</source>
        <translation>作るか、別のものを選んでください。</translation>
    </message>
    <message>
        <source>Delete it to start from the defaults.</source>
        <translation>削除すると初期設定から始まります。</translation>
    </message>
    <message>
        <source>Export it for one picture (batch size 1), or for any number.</source>
        <translation>1 枚用（バッチサイズ 1）か、任意の枚数用に書き出してください。</translation>
    </message>
    <message>
        <source>Give a camera&apos;s number, a file or an address.</source>
        <translation>カメラの番号、ファイル、アドレスのどれかを指定してください。</translation>
    </message>
    <message>
        <source>Go to another folder, and ask again.</source>
        <translation>別のフォルダーに移って、もう一度お試しください。</translation>
    </message>
    <message>
        <source>In it, write %2F for / in the password, %3F for ?, %23 for #, and %40 for each @ but the one before the host.</source>
        <translation>パスワードの / は %2F、? は %3F、# は %23、ホストの前以外の @ は %40 と書いてください。</translation>
    </message>
    <message>
        <source>Install it with: pip install -r requirements-sound.txt</source>
        <translation>次のコマンドでインストールしてください：pip install -r requirements-sound.txt</translation>
    </message>
    <message>
        <source>Is it running, and is the port right?</source>
        <translation>動いていますか？ポートは正しいですか？</translation>
    </message>
    <message>
        <source>It can be sent back instead.</source>
        <translation>代わりに戻して再生できます。</translation>
    </message>
    <message>
        <source>It has no sound where the video was not played in one go.</source>
        <translation>動画が続けて再生されなかった部分には音声がありません。</translation>
    </message>
    <message>
        <source>It has no sound, because {0} cannot be read any more.</source>
        <translation>{0} がもう読めないため、音声がありません。</translation>
    </message>
    <message>
        <source>It has no sound: {0}.</source>
        <translation>音声がありません：{0}。</translation>
    </message>
    <message>
        <source>It is still kept. Make room, or choose another folder, and try again.</source>
        <translation>まだ保持しています。空きを作るか別のフォルダーを選び、もう一度お試しください。</translation>
    </message>
    <message>
        <source>It looks like http://host:8000/v2/models/NAME.</source>
        <translation>http://host:8000/v2/models/NAME のような形です。</translation>
    </message>
    <message>
        <source>It was left as it is.</source>
        <translation>そのまま残してあります。</translation>
    </message>
    <message>
        <source>It was left as it was recorded, in pieces and without sound: {0}.</source>
        <translation>録画されたまま、分割され音声なしで残されました：{0}。</translation>
    </message>
    <message>
        <source>It was not switched; choose another device or model.</source>
        <translation>切り替えていません。別のデバイスかモデルを選んでください。</translation>
    </message>
    <message>
        <source>Its classes are {0}.</source>
        <translation>使えるクラス：{0}。</translation>
    </message>
    <message>
        <source>Its sidecar could not be written.</source>
        <translation>付属ファイルを書き込めませんでした。</translation>
    </message>
    <message>
        <source>Its sound breaks off, as that of the original.</source>
        <translation>元の動画と同じく、音声が途中で途切れます。</translation>
    </message>
    <message>
        <source>Its {0} sound was encoded anew, as AAC, which is played everywhere.</source>
        <translation>{0} の音声は、どこでも再生できる AAC に変換されました。</translation>
    </message>
    <message>
        <source>Its {0} sound was left out: it cannot be encoded.</source>
        <translation>{0} の音声は変換できないため省かれました。</translation>
    </message>
    <message>
        <source>Known are: {0} and our own; see docs/models.md.</source>
        <translation>使えるのは {0} と本アプリのものです。docs/models.md を見てください。</translation>
    </message>
    <message>
        <source>Leave it alone.</source>
        <translation>そのままにしてください。</translation>
    </message>
    <message>
        <source>Leave out --strict, or choose another device.</source>
        <translation>--strict を外すか、別のデバイスを選んでください。</translation>
    </message>
    <message>
        <source>Let the camera or server send H.264.</source>
        <translation>カメラかサーバーの設定を H.264 にしてください。</translation>
    </message>
    <message>
        <source>Line {0} of the sidecar {1} is bad: {2}.</source>
        <translation>検出ファイル {1} の {0} 行目が不正です：{2}。</translation>
    </message>
    <message>
        <source>Log in with an X11 (Xorg) session.</source>
        <translation>X11（Xorg）のセッションでログインしてください。</translation>
    </message>
    <message>
        <source>Look at the server.</source>
        <translation>サーバーを確認してください。</translation>
    </message>
    <message>
        <source>Look up the name; it stands behind /v2/models/ in the address.</source>
        <translation>名前を確認してください。アドレスの /v2/models/ の後ろです。</translation>
    </message>
    <message>
        <source>Look whether its server runs; with --meanwhile this machine steps in.</source>
        <translation>サーバーが動いているか確認してください。--meanwhile を付けると、このマシンが代わりに動きます。</translation>
    </message>
    <message>
        <source>Make it again with: python main.py export</source>
        <translation>作り直してください：python main.py export</translation>
    </message>
    <message>
        <source>Make one from your weights with: python build_model.py convert WEIGHTS</source>
        <translation>重みから作ってください：python build_model.py convert WEIGHTS</translation>
    </message>
    <message>
        <source>Make one with: python build_model.py fetch voc0712 (or convert WEIGHTS), or choose another.</source>
        <translation>python build_model.py fetch voc0712（または convert WEIGHTS）で作るか、別のものを選んでください。</translation>
    </message>
    <message>
        <source>Make room.</source>
        <translation>空きを作ってください。</translation>
    </message>
    <message>
        <source>Mend it, or delete it to start from the defaults.</source>
        <translation>直すか、削除して初期設定から始めてください。</translation>
    </message>
    <message>
        <source>Mend that line; docs/counting.md shows a whole file.</source>
        <translation>その行を直してください。docs/counting.md に例があります。</translation>
    </message>
    <message>
        <source>Mend the file of names beside it, or its metadata.</source>
        <translation>隣にある名前のファイルか、メタデータを直してください。</translation>
    </message>
    <message>
        <source>Mend them; docs/counting.md and docs/watching.md show whole files.</source>
        <translation>直してください。docs/counting.md と docs/watching.md に例があります。</translation>
    </message>
    <message>
        <source>Name a device, for example: --device cuda</source>
        <translation>デバイスを指定してください。例：--device cuda</translation>
    </message>
    <message>
        <source>Name a file in it.</source>
        <translation>その中のファイルを指定してください。</translation>
    </message>
    <message>
        <source>Name another model, or build it again.</source>
        <translation>別のモデルを選ぶか、作り直してください。</translation>
    </message>
    <message>
        <source>Name it with --source.</source>
        <translation>--source で指定してください。</translation>
    </message>
    <message>
        <source>Name one of them: {0}.</source>
        <translation>どれか 1 つを指定してください：{0}。</translation>
    </message>
    <message>
        <source>Name one that knows the same: --meanwhile-model M.onnx.</source>
        <translation>同じクラスのものを指定してください：--meanwhile-model M.onnx</translation>
    </message>
    <message>
        <source>Name the one it belongs to with --source.</source>
        <translation>元の動画を --source で指定してください。</translation>
    </message>
    <message>
        <source>No model server answers at {0} ({1}).</source>
        <translation>{0} のモデルサーバーが応答しません（{1}）。</translation>
    </message>
    <message>
        <source>No sound device can be opened, so nothing is heard.</source>
        <translation>音声デバイスを開けないため、音は出ません。</translation>
    </message>
    <message>
        <source>No source was named.</source>
        <translation>ソースが指定されていません。</translation>
    </message>
    <message>
        <source>Nothing comes out of the pipe {0}.</source>
        <translation>パイプ {0} から何も来ません。</translation>
    </message>
    <message>
        <source>Nothing is kept of a file.</source>
        <translation>ファイルの再生では何も保持しません。</translation>
    </message>
    <message>
        <source>Nothing is kept that could be replayed.</source>
        <translation>リプレイできるものを保持していません。</translation>
    </message>
    <message>
        <source>Nothing is playing, so there is nothing to record.</source>
        <translation>何も再生していないため、録画するものがありません。</translation>
    </message>
    <message>
        <source>Nothing matches {0}.</source>
        <translation>{0} に合うものがありません。</translation>
    </message>
    <message>
        <source>ONNX Runtime could not start it{0}</source>
        <translation>ONNX Runtime が起動できませんでした{0}</translation>
    </message>
    <message>
        <source>On {0}, {1} sees something else: {2} % of the boxes agree.</source>
        <translation>{0} では {1} の結果が変わります。一致する枠は {2} % です。</translation>
    </message>
    <message>
        <source>Only OpenVINO can be told its precision.</source>
        <translation>精度を指定できるのは OpenVINO だけです。</translation>
    </message>
    <message>
        <source>Open a camera or a file first.</source>
        <translation>先にカメラかファイルを開いてください。</translation>
    </message>
    <message>
        <source>Open a camera or a video file instead.</source>
        <translation>代わりにカメラか動画ファイルを開いてください。</translation>
    </message>
    <message>
        <source>Open it alone.</source>
        <translation>それだけを開いてください。</translation>
    </message>
    <message>
        <source>OpenVINO does not start ({0})</source>
        <translation>OpenVINO が起動しません（{0}）</translation>
    </message>
    <message>
        <source>OpenVINO finds no CPU that it knows</source>
        <translation>OpenVINO が対応する CPU を見つけられません</translation>
    </message>
    <message>
        <source>OpenVINO finds no Intel GPU</source>
        <translation>OpenVINO が Intel GPU を見つけられません</translation>
    </message>
    <message>
        <source>OpenVINO is not installed</source>
        <translation>OpenVINO がインストールされていません</translation>
    </message>
    <message>
        <source>Plug it in again.</source>
        <translation>もう一度接続してください。</translation>
    </message>
    <message>
        <source>Plug it in, or open another camera or a video file.</source>
        <translation>接続するか、別のカメラや動画ファイルを開いてください。</translation>
    </message>
    <message>
        <source>Plug one in, and open the file again.</source>
        <translation>デバイスを接続してから、ファイルを開き直してください。</translation>
    </message>
    <message>
        <source>Put its token into the variable {0}.</source>
        <translation>トークンを変数 {0} に入れてください。</translation>
    </message>
    <message>
        <source>Put them into the address: {0}://name:password@{1}</source>
        <translation>アドレスに入れてください：{0}://name:password@{1}</translation>
    </message>
    <message>
        <source>Reinstall the av package.</source>
        <translation>av パッケージを入れ直してください。</translation>
    </message>
    <message>
        <source>Replays are of cameras and streams that play; a file is its own.</source>
        <translation>リプレイは再生中のカメラとストリームのものです。ファイルはそのまま戻せます。</translation>
    </message>
    <message>
        <source>Run: sudo usermod -aG video $USER, then log out and in again.</source>
        <translation>sudo usermod -aG video $USER を実行し、ログインし直してください。</translation>
    </message>
    <message>
        <source>Save them as UTF-8.</source>
        <translation>UTF-8 で保存してください。</translation>
    </message>
    <message>
        <source>Screen</source>
        <translation>画面</translation>
    </message>
    <message>
        <source>Several cameras are called {0}.</source>
        <translation>{0} というカメラが複数あります。</translation>
    </message>
    <message>
        <source>Several files at once must be photos, and {0} is none.</source>
        <translation>複数のファイルは写真に限ります。{0} は写真ではありません。</translation>
    </message>
    <message>
        <source>Sound is not heard: miniaudio is not installed.</source>
        <translation>音が出ません：miniaudio がインストールされていません。</translation>
    </message>
    <message>
        <source>Start the program that writes into it, or open a file.</source>
        <translation>そこに書き込むプログラムを起動するか、ファイルを開いてください。</translation>
    </message>
    <message>
        <source>Stop it first.</source>
        <translation>先に停止してください。</translation>
    </message>
    <message>
        <source>Strictly what, is not said.</source>
        <translation>何を厳密にするのか指定されていません。</translation>
    </message>
    <message>
        <source>TensorRT 10 is not installed</source>
        <translation>TensorRT 10 がインストールされていません</translation>
    </message>
    <message>
        <source>Test camera</source>
        <translation>テストカメラ</translation>
    </message>
    <message>
        <source>Test pattern</source>
        <translation>テスト映像</translation>
    </message>
    <message>
        <source>That is no address of a model.</source>
        <translation>モデルのアドレスではありません。</translation>
    </message>
    <message>
        <source>That is no name of anything.</source>
        <translation>名前として読めません。</translation>
    </message>
    <message>
        <source>The address cannot be understood.</source>
        <translation>アドレスを解釈できません。</translation>
    </message>
    <message>
        <source>The class names in {0} are damaged.</source>
        <translation>{0} のクラス名が壊れています。</translation>
    </message>
    <message>
        <source>The class names in {0} cannot be read.</source>
        <translation>{0} のクラス名を読めません。</translation>
    </message>
    <message>
        <source>The clip {0} cannot be written: {1}.</source>
        <translation>クリップ {0} を書き込めません：{1}。</translation>
    </message>
    <message>
        <source>The clip {0} could not be finished: {1}.</source>
        <translation>クリップ {0} を完成できませんでした：{1}。</translation>
    </message>
    <message>
        <source>The disk is nearly full, so {0} is not recorded any further ({1} MB are left).</source>
        <translation>ディスクの空きが少ないため、{0} の録画を終えました（残り {1} MB）。</translation>
    </message>
    <message>
        <source>The folder {0} may not be read.</source>
        <translation>フォルダー {0} を読む権限がありません。</translation>
    </message>
    <message>
        <source>The metadata of {0} is damaged ({1}).</source>
        <translation>{0} のメタデータが壊れています（{1}）。</translation>
    </message>
    <message>
        <source>The photos are in {0}.</source>
        <translation>写真は {0} にあります。</translation>
    </message>
    <message>
        <source>The recording {0} was ended: {1}.</source>
        <translation>録画 {0} を終えました：{1}。</translation>
    </message>
    <message>
        <source>The replay cannot be saved to {0}: {1}.</source>
        <translation>リプレイを {0} に保存できません：{1}。</translation>
    </message>
    <message>
        <source>The rules {0} are no JSON (line {1}: {2}).</source>
        <translation>ルール {0} は JSON ではありません（{1} 行目：{2}）。</translation>
    </message>
    <message>
        <source>The rules {0} are no text in UTF-8.</source>
        <translation>ルール {0} は UTF-8 のテキストではありません。</translation>
    </message>
    <message>
        <source>The rules {0} are wrong: {1}.</source>
        <translation>ルール {0} に誤りがあります：{1}。</translation>
    </message>
    <message>
        <source>The rules {0} cannot be read ({1}).</source>
        <translation>ルール {0} を読めません（{1}）。</translation>
    </message>
    <message>
        <source>The screen can no longer be seen.</source>
        <translation>画面を見られなくなりました。</translation>
    </message>
    <message>
        <source>The settings file {0} cannot be read ({1}).</source>
        <translation>設定ファイル {0} を読めません（{1}）。</translation>
    </message>
    <message>
        <source>The settings file {0} holds a bad value: {1}.</source>
        <translation>設定ファイル {0} に不正な値があります：{1}。</translation>
    </message>
    <message>
        <source>The sidecar {0} cannot be read.</source>
        <translation>検出ファイル {0} を読めません。</translation>
    </message>
    <message>
        <source>The snapshot {0} cannot be written: {1}.</source>
        <translation>静止画 {0} を書き込めません：{1}。</translation>
    </message>
    <message>
        <source>The test camera does not open.</source>
        <translation>テストカメラを開けません。</translation>
    </message>
    <message>
        <source>The test camera has lost its connection.</source>
        <translation>テストカメラの接続が切れました。</translation>
    </message>
    <message>
        <source>The test camera is in use by another app.</source>
        <translation>テストカメラは別のアプリが使用中です。</translation>
    </message>
    <message>
        <source>The test camera knows no fault called {0}.</source>
        <translation>テストカメラに {0} という不具合はありません。</translation>
    </message>
    <message>
        <source>The test camera was unplugged.</source>
        <translation>テストカメラが抜かれました。</translation>
    </message>
    <message>
        <source>The token in {0} is more than one line of text.</source>
        <translation>{0} のトークンが 1 行ではありません。</translation>
    </message>
    <message>
        <source>The unfinished recording {0} cannot be recovered: {1}.</source>
        <translation>途中で切れた録画 {0} を復元できません：{1}。</translation>
    </message>
    <message>
        <source>The video that {0} was made from is not here: {1}.</source>
        <translation>{0} の元の動画がありません：{1}。</translation>
    </message>
    <message>
        <source>There are no photos in the folder {0}.</source>
        <translation>フォルダー {0} に写真がありません。</translation>
    </message>
    <message>
        <source>There is no camera and no file called {0}.</source>
        <translation>{0} というカメラもファイルもありません。</translation>
    </message>
    <message>
        <source>There is no file {0}.</source>
        <translation>ファイル {0} がありません。</translation>
    </message>
    <message>
        <source>There is no folder {0}.</source>
        <translation>フォルダー {0} がありません。</translation>
    </message>
    <message>
        <source>There is no model file {0}.</source>
        <translation>モデルファイル {0} がありません。</translation>
    </message>
    <message>
        <source>There is no monitor {0}.</source>
        <translation>モニター {0} はありません。</translation>
    </message>
    <message>
        <source>There is no screen here.</source>
        <translation>ここには画面がありません。</translation>
    </message>
    <message>
        <source>There is nothing to replay yet.</source>
        <translation>まだリプレイするものがありません。</translation>
    </message>
    <message>
        <source>This FFmpeg can write no video.</source>
        <translation>この FFmpeg は動画を書き込めません。</translation>
    </message>
    <message>
        <source>Try another port, or ask for less: NAME@640x480/15/MJPG.</source>
        <translation>別のポートを使うか、設定を下げてください：NAME@640x480/15/MJPG</translation>
    </message>
    <message>
        <source>Unplug it and plug it in again.</source>
        <translation>一度抜いて、つなぎ直してください。</translation>
    </message>
    <message>
        <source>Update the driver{0}</source>
        <translation>ドライバーを更新してください{0}</translation>
    </message>
    <message>
        <source>Update the driver{0}; or: {1}</source>
        <translation>ドライバーを更新してください{0}。または：{1}</translation>
    </message>
    <message>
        <source>Use one of {0}, or {1}.</source>
        <translation>{0}、または {1} のどれかを使ってください。</translation>
    </message>
    <message>
        <source>Use one of {0}.</source>
        <translation>{0} のどれかを使ってください。</translation>
    </message>
    <message>
        <source>Use one that ends in .mp4, .mov, .mkv; a folder is for photos.</source>
        <translation>.mp4、.mov、.mkv で終わる名前にしてください。フォルダーは写真用です。</translation>
    </message>
    <message>
        <source>Use one that ends in {0}.</source>
        <translation>{0} で終わる名前にしてください。</translation>
    </message>
    <message>
        <source>Use screen:1 to screen:{0}, or screen:0 for all.</source>
        <translation>screen:1 から screen:{0}、すべてなら screen:0 を使ってください。</translation>
    </message>
    <message>
        <source>Wait for it to end.</source>
        <translation>終わるまでお待ちください。</translation>
    </message>
    <message>
        <source>Wait for the first pictures.</source>
        <translation>最初の映像をお待ちください。</translation>
    </message>
    <message>
        <source>What there is of it is recovered at the next start.</source>
        <translation>残っている部分は次の起動時に復元されます。</translation>
    </message>
    <message>
        <source>What was recorded until then is kept.</source>
        <translation>そこまでの録画は残っています。</translation>
    </message>
    <message>
        <source>What {0} says of score thresholds is damaged ({1}).</source>
        <translation>{0} のスコアのしきい値の情報が壊れています（{1}）。</translation>
    </message>
    <message>
        <source>With an Intel GPU in this machine, install its compute runtime (on Debian and Ubuntu: apt install intel-opencl-icd); without one, nothing to mend.</source>
        <translation>Intel GPU がある場合は compute runtime をインストールしてください（Debian・Ubuntu：apt install intel-opencl-icd）。なければ何もする必要はありません。</translation>
    </message>
    <message>
        <source>With an NVIDIA GPU in this machine, install its driver{0}; without one, there is nothing to mend.</source>
        <translation>NVIDIA GPU がある場合はドライバーをインストールしてください{0}。なければ何もする必要はありません。</translation>
    </message>
    <message>
        <source>Write one name a line, as UTF-8.</source>
        <translation>1 行に 1 つ、UTF-8 で書いてください。</translation>
    </message>
    <message>
        <source>You are not allowed to use {0}.</source>
        <translation>{0} を使う権限がありません。</translation>
    </message>
    <message>
        <source>it does not take a model whose zero points are unsigned, as the int8 copy&apos;s are</source>
        <translation>int8 版のようにゼロ点が符号なしのモデルは使えません</translation>
    </message>
    <message>
        <source>no NVIDIA driver was found</source>
        <translation>NVIDIA ドライバーが見つかりません</translation>
    </message>
    <message>
        <source>none of this network&apos;s nodes run there</source>
        <translation>このネットワークのノードはどれもそこで動きません</translation>
    </message>
    <message>
        <source>the NVIDIA driver supports CUDA {0}.{1}, and this ONNX Runtime needs CUDA {2}</source>
        <translation>NVIDIA ドライバーは CUDA {0}.{1} 対応ですが、この ONNX Runtime には CUDA {2} が必要です</translation>
    </message>
    <message>
        <source>this ONNX Runtime was built without CUDA</source>
        <translation>この ONNX Runtime は CUDA なしでビルドされています</translation>
    </message>
    <message>
        <source>this ONNX Runtime was built without Core ML</source>
        <translation>この ONNX Runtime は Core ML なしでビルドされています</translation>
    </message>
    <message>
        <source>this ONNX Runtime was built without DirectML</source>
        <translation>この ONNX Runtime は DirectML なしでビルドされています</translation>
    </message>
    <message>
        <source>this ONNX Runtime was built without TensorRT</source>
        <translation>この ONNX Runtime は TensorRT なしでビルドされています</translation>
    </message>
    <message>
        <source>{0} also takes {1} {2} {3}, and nobody knows what that is.</source>
        <translation>{0} は {1} {2} {3} も必要としますが、何なのか分かりません。</translation>
    </message>
    <message>
        <source>{0} answers boxes {1} and scores {2} for its {3} class names.</source>
        <translation>{0} の出力は枠 {1}、スコア {2} で、クラス名 {3} 個に合いません。</translation>
    </message>
    <message>
        <source>{0} answers with what is not a number.</source>
        <translation>{0} の出力が数値ではありません。</translation>
    </message>
    <message>
        <source>{0} are both installed and share one folder, so whichever came last has overwritten the other</source>
        <translation>{0} が両方インストールされ同じフォルダーを使うため、後のものが先のものを上書きしています</translation>
    </message>
    <message>
        <source>{0} broke off.</source>
        <translation>{0} が途切れました。</translation>
    </message>
    <message>
        <source>{0} cannot be had: {1}.</source>
        <translation>{0} は使えません：{1}。</translation>
    </message>
    <message>
        <source>{0} cannot be loaded as an ONNX model.</source>
        <translation>{0} は ONNX モデルとして読み込めません。</translation>
    </message>
    <message>
        <source>{0} cannot be opened: another program seems to be using it.</source>
        <translation>{0} を開けません。別のプログラムが使っているようです。</translation>
    </message>
    <message>
        <source>{0} cannot be opened: {1}.</source>
        <translation>{0} を開けません：{1}。</translation>
    </message>
    <message>
        <source>{0} cannot be read and is left out.</source>
        <translation>{0} は読めないため飛ばされます。</translation>
    </message>
    <message>
        <source>{0} cannot be written: {1}.</source>
        <translation>{0} に書き込めません：{1}。</translation>
    </message>
    <message>
        <source>{0} could not be replaced: {1}.</source>
        <translation>{0} を置き換えられませんでした：{1}。</translation>
    </message>
    <message>
        <source>{0} counts {1}, a class that the model does not have.</source>
        <translation>{0} は {1} を数えますが、モデルにそのクラスがありません。</translation>
    </message>
    <message>
        <source>{0} damaged pieces of its sound were left out.</source>
        <translation>音声の壊れた部分 {0} 個が省かれました。</translation>
    </message>
    <message>
        <source>{0} does not let us in.</source>
        <translation>{0} に接続を拒否されました。</translation>
    </message>
    <message>
        <source>{0} does not run ({1}).</source>
        <translation>{0} が動きません（{1}）。</translation>
    </message>
    <message>
        <source>{0} does not run.</source>
        <translation>{0} が動きません。</translation>
    </message>
    <message>
        <source>{0} does not speak the Open Inference Protocol ({1}).</source>
        <translation>{0} は Open Inference Protocol に対応していません（{1}）。</translation>
    </message>
    <message>
        <source>{0} gives no more pictures.</source>
        <translation>{0} から映像が来なくなりました。</translation>
    </message>
    <message>
        <source>{0} gives no pictures: it is another part of a camera, or none.</source>
        <translation>{0} は映像を出しません。カメラの別の部分か、カメラではありません。</translation>
    </message>
    <message>
        <source>{0} has an input size of {1} x {2}.</source>
        <translation>{0} の入力サイズは {1} x {2} です。</translation>
    </message>
    <message>
        <source>{0} has format {1}, but this version reads {2}.</source>
        <translation>{0} の形式は {1} ですが、この版が読めるのは {2} です。</translation>
    </message>
    <message>
        <source>{0} has no class {1} to look for.</source>
        <translation>{0} に {1} というクラスはありません。</translation>
    </message>
    <message>
        <source>{0} has no model called {1} (it says {2}).</source>
        <translation>{0} に {1} というモデルはありません（応答：{2}）。</translation>
    </message>
    <message>
        <source>{0} has no picture.</source>
        <translation>{0} には映像がありません。</translation>
    </message>
    <message>
        <source>{0} has sound, but no picture.</source>
        <translation>{0} には音声だけで映像がありません。</translation>
    </message>
    <message>
        <source>{0} holds no frame.</source>
        <translation>{0} にはフレームがありません。</translation>
    </message>
    <message>
        <source>{0} is a device or a socket, not a video.</source>
        <translation>{0} はデバイスかソケットで、動画ではありません。</translation>
    </message>
    <message>
        <source>{0} is a folder, not a model.</source>
        <translation>{0} はフォルダーで、モデルではありません。</translation>
    </message>
    <message>
        <source>{0} is a folder, not a video.</source>
        <translation>{0} はフォルダーで、動画ではありません。</translation>
    </message>
    <message>
        <source>{0} is a folder.</source>
        <translation>{0} はフォルダーです。</translation>
    </message>
    <message>
        <source>{0} is an ONNX file, but not a MobileNet-SSD of ours.</source>
        <translation>{0} は ONNX ファイルですが、本アプリの MobileNet-SSD ではありません。</translation>
    </message>
    <message>
        <source>{0} is an ONNX file, but takes no picture: it takes {1}.</source>
        <translation>{0} は ONNX ファイルですが、画像を入力にとりません（入力 {1}）。</translation>
    </message>
    <message>
        <source>{0} is an ONNX file, but {1}: it takes {2} and answers {3}.</source>
        <translation>{0} は ONNX ファイルですが、{1}：入力 {2}、出力 {3}。</translation>
    </message>
    <message>
        <source>{0} is being written by another export.</source>
        <translation>{0} は別の書き出しが書き込み中です。</translation>
    </message>
    <message>
        <source>{0} is empty.</source>
        <translation>{0} は空です。</translation>
    </message>
    <message>
        <source>{0} is in a format that cannot be decoded here.</source>
        <translation>{0} の形式はここでは再生できません。</translation>
    </message>
    <message>
        <source>{0} is in use.</source>
        <translation>{0} は使用中です。</translation>
    </message>
    <message>
        <source>{0} is no recording of ours.</source>
        <translation>{0} は本アプリの録画ではありません。</translation>
    </message>
    <message>
        <source>{0} is not a name for a clip.</source>
        <translation>{0} はクリップの名前に使えません。</translation>
    </message>
    <message>
        <source>{0} is not a name for a recording.</source>
        <translation>{0} は録画の名前に使えません。</translation>
    </message>
    <message>
        <source>{0} is not a video that can be played, or is damaged.</source>
        <translation>{0} は再生できる動画ではないか、壊れています。</translation>
    </message>
    <message>
        <source>{0} is not complete: {1} cannot be loaded</source>
        <translation>{0} が不完全です：{1} を読み込めません</translation>
    </message>
    <message>
        <source>{0} is not plugged in.</source>
        <translation>{0} が接続されていません。</translation>
    </message>
    <message>
        <source>{0} is the original, and was left alone.</source>
        <translation>{0} は元のファイルなので、そのまま残されました。</translation>
    </message>
    <message>
        <source>{0} is the video itself, and was left alone.</source>
        <translation>{0} は元の動画そのものなので、変更していません。</translation>
    </message>
    <message>
        <source>{0} is the video that is played, and was left alone.</source>
        <translation>{0} は再生中の動画のため、そのままにしました。</translation>
    </message>
    <message>
        <source>{0} is there already and is not ours.</source>
        <translation>{0} はすでにあり、このアプリのものではありません。</translation>
    </message>
    <message>
        <source>{0} is there already and was left alone.</source>
        <translation>{0} はすでにあるため、そのままにしました。</translation>
    </message>
    <message>
        <source>{0} knows {1} classes, and there are {2} class names for it.</source>
        <translation>{0} は {1} クラスですが、クラス名は {2} 個あります。</translation>
    </message>
    <message>
        <source>{0} may not be read.</source>
        <translation>{0} を読む権限がありません。</translation>
    </message>
    <message>
        <source>{0} of the network&apos;s nodes run there, and the rest on the CPU</source>
        <translation>ネットワークのノードの {0} がそこで、残りは CPU で動きます</translation>
    </message>
    <message>
        <source>{0} of this machine knows other classes.</source>
        <translation>このマシンの {0} はクラスが違います。</translation>
    </message>
    <message>
        <source>{0} sends no picture: the USB bus may be full (another port, a smaller size or MJPG helps).</source>
        <translation>{0} から映像が来ません。USB の帯域が足りないようです（別のポート、小さいサイズ、MJPG で改善します）。</translation>
    </message>
    <message>
        <source>{0} takes pictures of {1}, where no side is 3 colours.</source>
        <translation>{0} の入力は {1} で、3 色の画像ではありません。</translation>
    </message>
    <message>
        <source>{0} takes {1} pictures at a time.</source>
        <translation>{0} は一度に {1} 枚の画像を入力にとります。</translation>
    </message>
    <message>
        <source>{0} wants a user name and a password.</source>
        <translation>{0} にはユーザー名とパスワードが必要です。</translation>
    </message>
    <message>
        <source>{0} wants {1} pictures, not &apos;BGR&apos;.</source>
        <translation>{0} の入力は &apos;BGR&apos; ではなく {1} です。</translation>
    </message>
    <message>
        <source>{0} was made from another video of that name and was left alone.</source>
        <translation>{0} は同じ名前の別の動画から作られたものなので、変更していません。</translation>
    </message>
    <message>
        <source>{0} was made from another video.</source>
        <translation>{0} は別の動画から作られています。</translation>
    </message>
    <message>
        <source>{0} was made with other settings and was left alone.</source>
        <translation>{0} は別の設定で作られたものなので、変更していません。</translation>
    </message>
    <message>
        <source>{0} was unplugged.</source>
        <translation>{0} が抜かれました。</translation>
    </message>
    <message>
        <source>{0}, where what is found would go, is there already and was left alone.</source>
        <translation>検出結果の保存先 {0} はすでに存在するため、変更していません。</translation>
    </message>
    <message>
        <source>{0}:// is no kind of address that can be opened.</source>
        <translation>{0}:// は開けない種類のアドレスです。</translation>
    </message>
    <message>
        <source>{0}.</source>
        <translation>{0}。</translation>
    </message>
</context>
<context>
    <name>SettingsHistory</name>
    <message>
        <source>Undone: {0}</source>
        <translation>元に戻しました：{0}</translation>
    </message>
    <message>
        <source>Done again: {0}</source>
        <translation>やり直しました：{0}</translation>
    </message>
</context>
<context>
    <name>ShortcutSheet</name>
    <message>
        <source>Keys</source>
        <translation>キー操作</translation>
    </message>
</context>
<context>
    <name>SidePanel</name>
    <message>
        <source>Side panel</source>
        <translation>サイドパネル</translation>
    </message>
</context>
<context>
    <name>Situations</name>
    <message>
        <source>What do you want to watch?</source>
        <translation>何を見ますか？</translation>
    </message>
    <message>
        <source>Drop a video, photos, a folder or an address anywhere on this window.</source>
        <translation>動画、写真、フォルダー、アドレスを、このウィンドウのどこにでもドロップしてください。</translation>
    </message>
    <message>
        <source>No camera found</source>
        <translation>カメラが見つかりません</translation>
    </message>
    <message>
        <source>Plug one in and it appears here. Or watch a video: drop one, or an address, anywhere on this window.</source>
        <translation>接続するとここに表示されます。動画やアドレスをこのウィンドウにドロップしても見られます。</translation>
    </message>
    <message>
        <source>Go on with {0}</source>
        <translation>{0} を続ける</translation>
    </message>
    <message>
        <source>Play the street clip</source>
        <translation>街頭映像を再生</translation>
    </message>
    <message>
        <source>Opening {0}</source>
        <translation>{0} を開いています</translation>
    </message>
    <message>
        <source>The detector is loaded meanwhile.</source>
        <translation>その間に検出器を読み込みます。</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
    <message>
        <source>Use the CPU instead</source>
        <translation>代わりに CPU を使う</translation>
    </message>
    <message>
        <source>Loading the detector</source>
        <translation>検出器を読み込み中</translation>
    </message>
    <message>
        <source>{0} is made ready.</source>
        <translation>{0} を準備しています。</translation>
    </message>
    <message>
        <source> The first time can take a minute.</source>
        <translation> 初回は 1 分ほどかかることがあります。</translation>
    </message>
    <message>
        <source>Something went wrong that should not have</source>
        <translation>予期しない問題が起きました</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>もう一度試す</translation>
    </message>
    <message>
        <source>Use the CPU</source>
        <translation>CPU を使う</translation>
    </message>
    <message>
        <source>This may help:</source>
        <translation>次の方法を試してください：</translation>
    </message>
    <message>
        <source>Build it from the bundled weights</source>
        <translation>付属の重みから作る</translation>
    </message>
    <message>
        <source>Open model…</source>
        <translation>モデルを開く…</translation>
    </message>
    <message>
        <source>It takes about a minute, once. Or run this in a terminal:</source>
        <translation>初回だけ 1 分ほどかかります。端末で次を実行しても作れます：</translation>
    </message>
    <message>
        <source>Use the bundled model</source>
        <translation>付属のモデルを使う</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>開始しています…</translation>
    </message>
    <message>
        <source>Build again</source>
        <translation>もう一度作る</translation>
    </message>
    <message>
        <source>The model was not built</source>
        <translation>モデルを作れませんでした</translation>
    </message>
    <message>
        <source>It was cancelled.</source>
        <translation>取り消されました。</translation>
    </message>
    <message>
        <source>Building the model</source>
        <translation>モデルを作っています</translation>
    </message>
</context>
<context>
    <name>SoundControls</name>
    <message>
        <source>Volume</source>
        <translation>音量</translation>
    </message>
    <message>
        <source>Which of its sounds is heard</source>
        <translation>どの音声トラックを聞くか</translation>
    </message>
    <message>
        <source>Sound track</source>
        <translation>音声トラック</translation>
    </message>
    <message>
        <source>Volume {0} %</source>
        <translation>音量 {0}%</translation>
    </message>
    <message>
        <source>Track {0}</source>
        <translation>トラック {0}</translation>
    </message>
</context>
<context>
    <name>SourceSection</name>
    <message>
        <source>Source</source>
        <translation>ソース</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>カメラ</translation>
    </message>
    <message>
        <source>What to ask of the camera; it may grant less</source>
        <translation>カメラに求める設定。その通りにならないこともあります</translation>
    </message>
    <message>
        <source>Mode</source>
        <translation>モード</translation>
    </message>
    <message>
        <source>File…</source>
        <translation>ファイル…</translation>
    </message>
    <message>
        <source>Folder…</source>
        <translation>フォルダー…</translation>
    </message>
    <message>
        <source>Address…</source>
        <translation>アドレス…</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>最近</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>選択…</translation>
    </message>
    <message>
        <source>None found</source>
        <translation>見つかりません</translation>
    </message>
    <message>
        <source>Nothing is open</source>
        <translation>何も開いていません</translation>
    </message>
    <message>
        <source>Drop a video, photos or an address here.</source>
        <translation>動画、写真、アドレスをここにドロップしてください。</translation>
    </message>
    <message>
        <source>{0} x {1}</source>
        <translation>{0} x {1}</translation>
    </message>
    <message>
        <source>{0} photos</source>
        <translation>写真 {0} 枚</translation>
    </message>
    <message>
        <source>{0} fps</source>
        <translation>{0} fps</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>自動</translation>
    </message>
</context>
<context>
    <name>StatePage</name>
    <message>
        <source>Please wait</source>
        <translation>お待ちください</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>詳細をコピー</translation>
    </message>
</context>
<context>
    <name>StatusBar</name>
    <message>
        <source>Hidden: {0}</source>
        <translation>隠し中：{0}</translation>
    </message>
    <message>
        <source>In the window, in recordings and in snapshots (panel, Hiding)</source>
        <translation>ウィンドウ、録画、静止画で隠しています（パネルの「隠す」）</translation>
    </message>
    <message>
        <source>Live: {0} fps</source>
        <translation>ライブ：{0} fps</translation>
    </message>
    <message>
        <source>File: {0} fps</source>
        <translation>ファイル：{0} fps</translation>
    </message>
    <message>
        <source>{0} ms delay</source>
        <translation>遅れ {0} ms</translation>
    </message>
    <message>
        <source>The camera gives {0} frames a second</source>
        <translation>カメラ：毎秒 {0} フレーム</translation>
    </message>
    <message>
        <source>The file gives {0} frames a second</source>
        <translation>ファイル：毎秒 {0} フレーム</translation>
    </message>
    <message>
        <source>The detector finishes {0}</source>
        <translation>検出：毎秒 {0}</translation>
    </message>
    <message>
        <source>The window shows {0}</source>
        <translation>表示：毎秒 {0}</translation>
    </message>
    <message>
        <source>From the source to the screen: {0} ms; one in twenty takes longer than {1} ms</source>
        <translation>取得から表示まで：{0} ms。20 回に 1 回は {1} ms を超えます</translation>
    </message>
    <message>
        <source>Skipped, since a newer one was there: {0}</source>
        <translation>新しいものが来て飛ばした数：{0}</translation>
    </message>
    <message>
        <source>All of it over time: Plots (P)</source>
        <translation>推移はグラフで（P）</translation>
    </message>
    <message>
        <source>  {0} lost</source>
        <translation>  欠落 {0}</translation>
    </message>
    <message>
        <source>Nothing is recorded while what plays stands still.</source>
        <translation>再生が止まっている間は録画しません。</translation>
    </message>
    <message>
        <source>As long as the file is</source>
        <translation>ファイルの長さ</translation>
    </message>
</context>
<context>
    <name>TakenQuestion</name>
    <message>
        <source>Export</source>
        <translation>書き出し</translation>
    </message>
    <message>
        <source>Of {0} files, {1} would go where something else is.</source>
        <translation>{0} 個のうち {1} 個は、すでに別のものがある場所に書かれます。</translation>
    </message>
    <message>
        <source>It would go where something else is.</source>
        <translation>すでに別のものがある場所に書かれます。</translation>
    </message>
    <message>
        <source>And {0} more.</source>
        <translation>ほか {0} 件。</translation>
    </message>
    <message>
        <source>Free names: {0}</source>
        <translation>使える名前：{0}</translation>
    </message>
    <message>
        <source>Write under free names</source>
        <translation>別の名前で書き出す</translation>
    </message>
    <message>
        <source>Leave those out</source>
        <translation>それらを除く</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>キャンセル</translation>
    </message>
</context>
<context>
    <name>ToolBar</name>
    <message>
        <source>Tools</source>
        <translation>ツール</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>カメラ</translation>
    </message>
    <message>
        <source>Open a camera</source>
        <translation>カメラを開く</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>開く</translation>
    </message>
    <message>
        <source>Open a file, a folder or an address</source>
        <translation>ファイル、フォルダー、アドレスを開く</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>最近</translation>
    </message>
    <message>
        <source>More: view, tools, help</source>
        <translation>その他：表示、ツール、ヘルプ</translation>
    </message>
    <message>
        <source>More</source>
        <translation>その他</translation>
    </message>
    <message>
        <source>Stop {0}</source>
        <translation>停止 {0}</translation>
    </message>
</context>
<context>
    <name>TransportBar</name>
    <message>
        <source>Position and speed</source>
        <translation>位置と速度</translation>
    </message>
    <message>
        <source>How fast it plays</source>
        <translation>再生の速さ</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>Photo</source>
        <translation>写真</translation>
    </message>
    <message>
        <source>Position</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>Previous photo</source>
        <translation>前の写真</translation>
    </message>
    <message>
        <source>Previous frame</source>
        <translation>前のフレーム</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>左</translation>
    </message>
    <message>
        <source>Next photo</source>
        <translation>次の写真</translation>
    </message>
    <message>
        <source>Next frame</source>
        <translation>次のフレーム</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>右</translation>
    </message>
    <message>
        <source>Click to type a number (Ctrl+G)</source>
        <translation>クリックして番号を入力（Ctrl+G）</translation>
    </message>
    <message>
        <source>Time and frame</source>
        <translation>時刻とフレーム</translation>
    </message>
    <message>
        <source>Click to type a time, or #1200 for a frame (Ctrl+G)</source>
        <translation>クリックして時刻を入力。フレームは #1200 のように（Ctrl+G）</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} / {1}</translation>
    </message>
    <message>
        <source>“{0}” is no time: type 1:23.5, 83.5 or, for a frame, #1200.</source>
        <translation>「{0}」は時刻ではありません。1:23.5、83.5、またはフレームなら #1200 と入力してください。</translation>
    </message>
    <message>
        <source>“{0}” is no photo of these: type a number like 3.</source>
        <translation>「{0}」という写真はありません。3 のような番号を入力してください。</translation>
    </message>
</context>
<context>
    <name>VideoView</name>
    <message>
        <source>Video</source>
        <translation>映像</translation>
    </message>
    <message>
        <source>{0}x   0: whole picture</source>
        <translation>{0} 倍   0：全体</translation>
    </message>
</context>
<context>
    <name>WindowParts</name>
    <message>
        <source>language</source>
        <translation>言語</translation>
    </message>
    <message>
        <source>From the next start on: {0}.</source>
        <translation>次回の起動から：{0}</translation>
    </message>
</context>
<context>
    <name>_Growth</name>
    <message>
        <source>time of the video</source>
        <translation>動画の時刻</translation>
    </message>
</context>
<context>
    <name>_Panel</name>
    <message>
        <source>seconds ago</source>
        <translation>秒前</translation>
    </message>
</context>
<context>
    <name>_SliderName</name>
    <message>
        <source>Double click: as it was at first</source>
        <translation>ダブルクリックで初期値に戻す</translation>
    </message>
</context>
</TS>
